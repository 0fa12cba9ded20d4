import CognitoTriggers

/// What to do with an event.
public enum TriggerRule: Sendable, Equatable {
  /// Write the user; `confirms` where the event also says that the user was confirmed just now.
  case write(confirms: Bool)
  /// Answer with the event and do nothing else.
  case pass
  /// Answer with an error: the event comes from a user pool that is not served here.
  case refuse

  /// Decides by the full name of the trigger source, never by a prefix: AWS adds names.
  ///
  /// - Parameters:
  ///   - source: nil for an unknown source, which passes.
  ///   - allowedPools: an empty set allows every pool.
  public init(source: TriggerSource?, userPoolID: String?, allowedPools: Set<String>) {
    guard allowedPools.isEmpty || userPoolID.map(allowedPools.contains) == true else {
      self = .refuse
      return
    }
    switch source {
    case .postConfirmation, .postConfirmationForgotPassword:
      self = .write(confirms: true)
    case .postAuthentication:
      self = .write(confirms: false)
    // Before sign-up there is no `sub` yet; in a user migration there is no user.
    case .preSignUp, .preSignUpAdminCreateUser, .preSignUpExternalProvider,
      .preAuthentication,
      .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge,
      .tokenAuthenticateDevice, .tokenRefreshTokens, .tokenClientCredentials,
      .userMigration, .userMigrationForgotPassword,
      .customMessageSignUp, .customMessageAdminCreateUser, .customMessageResendCode,
      .customMessageForgotPassword, .customMessageUpdateUserAttribute,
      .customMessageVerifyUserAttribute, .customMessageAuthentication,
      .defineAuthChallenge, .createAuthChallenge, .verifyAuthChallengeResponse,
      .customEmailSenderSignUp, .customEmailSenderForgotPassword, .customEmailSenderResendCode,
      .customEmailSenderUpdateUserAttribute, .customEmailSenderVerifyUserAttribute,
      .customEmailSenderAdminCreateUser, .customEmailSenderAccountTakeOver,
      .customEmailSenderAuthentication,
      .customSMSSenderSignUp, .customSMSSenderForgotPassword, .customSMSSenderResendCode,
      .customSMSSenderVerifyUserAttribute, .customSMSSenderUpdateUserAttribute,
      .customSMSSenderAuthentication, .customSMSSenderAdminCreateUser,
      .inboundFederation,
      nil:
      self = .pass
    }
  }
}
