import CognitoTriggers
import LambdaRuntime

/// How an event is answered whose action could not do its work.
public enum FailurePolicy: String, Sendable, CaseIterable {
  /// With an error: Cognito fails the sign-up's confirmation or the sign-in.
  case fail
  /// With the event, as if all were well; a later sign-in or a reconciliation heals the table.
  case `continue`

  /// - Parameters:
  ///   - trigger: whose event it is; nil where none is.
  ///   - configuration: what is chosen for the triggers that write.
  /// - Returns: the event, or an error.
  static func answer(
    after failure: ActionFailure, of action: Action, _ trigger: TriggerSource?,
    in configuration: Configuration
  ) -> InvocationAnswer {
    switch (action, failure) {
    // Such a user cannot be keyed, and must not be locked out for it.
    case (.writeUser, .unidentifiedUser): .echo
    case (.writeUser, _):
      switch configuration.onFailure(of: trigger) {
      case .fail: .failure(.databaseUnavailable)
      case .continue: .echo
      }
    case (.answerToken, _):
      switch configuration.tokenGenerationOnFailure {
      case .fail: .failure(.tokenContentsUnavailable)
      // Without an override the tokens are as Cognito makes them.
      case .continue: .echo
      }
    case (.decideSignUp, _):
      switch configuration.signUp.onFailure {
      case .fail: .failure(.signUpUndecided)
      case .continue: .echo
      }
    // An error would tell that there is such a user: with the event as it came Cognito answers as for nobody.
    case (.migrateUser, _): .echo
    // Nobody waits: EventBridge and Lambda try again, and keep what failed.
    case (.followChange, _): .failure(.changeNotFollowed)
    // An API says that it has no answer.
    case (.resolveFields, _): .failure(.fieldsNotResolved)
    // Nobody waits, and Lambda counts its errors.
    case (.scheduledPush, _): .failure(.rolesNotPushed)
    }
  }
}

extension Configuration {
  fileprivate func onFailure(of trigger: TriggerSource?) -> FailurePolicy {
    switch trigger {
    case .postAuthentication: postAuthenticationOnFailure
    case .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge,
      .tokenAuthenticateDevice, .tokenRefreshTokens:
      tokenGenerationOnFailure
    default: postConfirmationOnFailure
    }
  }
}

extension InvocationFailure {
  static let databaseUnavailable = InvocationFailure(
    type: "Function.DatabaseUnavailable",
    message: "The account could not be saved, please try again in a moment")
  static let tokenContentsUnavailable = InvocationFailure(
    type: "Function.TokenContentsUnavailable",
    message: "The sign-in could not be completed, please try again in a moment")
  static let signUpUndecided = InvocationFailure(
    type: "Function.SignUpUndecided",
    message: "The sign-up could not be completed, please try again in a moment")
  static let changeNotFollowed = InvocationFailure(
    type: "Function.ChangeNotFollowed",
    message: "The change could not be followed; the log says why")
  static let rolesNotPushed = InvocationFailure(
    type: "Function.RolesNotPushed", message: "The roles could not be pushed; the log says why")
}
