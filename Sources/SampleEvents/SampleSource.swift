import CognitoTriggers

// Events as AWS sends them, made up on request: for trying the function out, and for tests.
//
// Each kind of event has its shape in one file. Nothing here reads an event, or knows what is done with one.

/// What an event can come from.
public enum SampleSource: Sendable, Equatable {
  /// A user pool, which calls a trigger.
  case trigger(TriggerSource)
  /// CloudTrail, by EventBridge: somebody has called Cognito's API.
  case change(FollowedCall)
  /// A schedule of EventBridge's.
  case schedule
  /// AppSync, which asks for fields.
  case appSync

  /// In the order in which they are best read: triggers first.
  public static let all =
    TriggerSource.allCases.map(SampleSource.trigger)
    + FollowedCall.allCases.map(SampleSource.change) + [.schedule, .appSync]

  /// - Parameter name: in full, in the letters in which AWS writes it.
  public init?(_ name: String) {
    guard let source = Self.all.first(where: { $0.name == name }) else { return nil }
    self = source
  }

  /// A trigger's is `triggerSource`, a change's the name of the call.
  public var name: String {
    switch self {
    case .trigger(let source): source.rawValue
    case .change(let call): call.rawValue
    case .schedule: "Schedule"
    case .appSync: "AppSync"
    }
  }

  /// What has happened, in a few words.
  public var summary: String {
    switch self {
    case .trigger(let source): source.summary
    case .change(let call): "CloudTrail's record: " + call.summary
    case .schedule: "EventBridge invokes the function on schedule"
    case .appSync: "AppSync asks for a field, or in a batch for several"
    }
  }
}

extension TriggerSource {
  fileprivate var summary: String {
    switch self {
    case .preSignUp: "somebody signs up"
    case .preSignUpAdminCreateUser: "an administrator creates a user"
    case .preSignUpExternalProvider: "somebody comes through a provider for the first time"
    case .postConfirmation: "a user who signed up is confirmed"
    case .postConfirmationForgotPassword: "a user has set a new password, having forgotten the old"
    case .preAuthentication: "a user is about to sign in"
    case .postAuthentication: "a user has signed in"
    case .tokenHostedAuth: "tokens, after managed login"
    case .tokenAuthentication: "tokens, after a sign-in"
    case .tokenNewPasswordChallenge: "tokens, after a created user has chosen a password"
    case .tokenAuthenticateDevice: "tokens, after a device was recognised"
    case .tokenRefreshTokens: "tokens, for a refresh token"
    case .tokenClientCredentials: "a token for a client, which has no user"
    case .userMigration: "somebody whom the pool does not know signs in, with a password"
    case .userMigrationForgotPassword:
      "somebody whom the pool does not know has forgotten the password"
    case .customMessageSignUp: "the text of a message: the code after signing up"
    case .customMessageAdminCreateUser: "the text of a message: the invitation"
    case .customMessageResendCode: "the text of a message: the code once more"
    case .customMessageForgotPassword: "the text of a message: the code for a new password"
    case .customMessageUpdateUserAttribute: "the text of a message: the code for a changed address"
    case .customMessageVerifyUserAttribute: "the text of a message: the code that was asked for"
    case .customMessageAuthentication: "the text of a message: the code for signing in"
    case .defineAuthChallenge: "a sign-in with challenges of one's own: which comes next"
    case .createAuthChallenge: "a sign-in with challenges of one's own: make one"
    case .verifyAuthChallengeResponse: "a sign-in with challenges of one's own: check the answer"
    case .customEmailSenderSignUp: "an e-mail to send: the code after signing up"
    case .customEmailSenderForgotPassword: "an e-mail to send: the code for a new password"
    case .customEmailSenderResendCode: "an e-mail to send: the code once more"
    case .customEmailSenderUpdateUserAttribute: "an e-mail to send: the code for a changed address"
    case .customEmailSenderVerifyUserAttribute: "an e-mail to send: the code that was asked for"
    case .customEmailSenderAdminCreateUser: "an e-mail to send: the invitation"
    case .customEmailSenderAccountTakeOver: "an e-mail to send: a warning of a strange sign-in"
    case .customEmailSenderAuthentication: "an e-mail to send: the code for signing in"
    case .customSMSSenderSignUp: "an SMS to send: the code after signing up"
    case .customSMSSenderForgotPassword: "an SMS to send: the code for a new password"
    case .customSMSSenderResendCode: "an SMS to send: the code once more"
    case .customSMSSenderVerifyUserAttribute: "an SMS to send: the code that was asked for"
    case .customSMSSenderUpdateUserAttribute: "an SMS to send: the code for a changed number"
    case .customSMSSenderAuthentication: "an SMS to send: the code for signing in"
    case .customSMSSenderAdminCreateUser: "an SMS to send: the invitation"
    case .inboundFederation: "a provider's answer, before its attributes are mapped"
    }
  }
}

extension FollowedCall {
  fileprivate var summary: String {
    switch self {
    case .adminCreateUser: "an administrator created a user"
    case .adminConfirmSignUp: "an administrator confirmed a user"
    case .adminUpdateUserAttributes: "an administrator changed a user's attributes"
    case .adminDeleteUserAttributes: "an administrator removed attributes of a user"
    case .updateUserAttributes: "a user changed their own attributes"
    case .deleteUserAttributes: "a user removed attributes of their own"
    case .verifyUserAttribute: "a user verified an address of theirs"
    case .adminEnableUser: "an administrator enabled a user"
    case .adminDisableUser: "an administrator disabled a user"
    case .adminSetUserPassword: "an administrator set a user's password"
    case .adminResetUserPassword: "an administrator had a user choose a new password"
    case .adminLinkProviderForUser: "an identity was linked to a user"
    case .adminDisableProviderForUser: "an identity was unlinked from a user"
    case .adminDeleteUser: "an administrator deleted a user"
    case .deleteUser: "a user deleted themselves"
    case .startUserImportJob: "users are imported"
    case .deleteUserPool: "the user pool was deleted"
    }
  }
}
