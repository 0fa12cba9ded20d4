/// Every trigger source that Cognito is known to send, by its full name.
///
/// - Source: Amazon Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers".
public enum TriggerSource: String, Sendable, CaseIterable {
  case preSignUp = "PreSignUp_SignUp"
  case preSignUpAdminCreateUser = "PreSignUp_AdminCreateUser"
  case preSignUpExternalProvider = "PreSignUp_ExternalProvider"

  case postConfirmation = "PostConfirmation_ConfirmSignUp"
  case postConfirmationForgotPassword = "PostConfirmation_ConfirmForgotPassword"

  case preAuthentication = "PreAuthentication_Authentication"
  case postAuthentication = "PostAuthentication_Authentication"

  case tokenHostedAuth = "TokenGeneration_HostedAuth"
  case tokenAuthentication = "TokenGeneration_Authentication"
  case tokenNewPasswordChallenge = "TokenGeneration_NewPasswordChallenge"
  case tokenAuthenticateDevice = "TokenGeneration_AuthenticateDevice"
  case tokenRefreshTokens = "TokenGeneration_RefreshTokens"
  case tokenClientCredentials = "TokenGeneration_ClientCredentials"

  case userMigration = "UserMigration_Authentication"
  case userMigrationForgotPassword = "UserMigration_ForgotPassword"

  case customMessageSignUp = "CustomMessage_SignUp"
  case customMessageAdminCreateUser = "CustomMessage_AdminCreateUser"
  case customMessageResendCode = "CustomMessage_ResendCode"
  case customMessageForgotPassword = "CustomMessage_ForgotPassword"
  case customMessageUpdateUserAttribute = "CustomMessage_UpdateUserAttribute"
  case customMessageVerifyUserAttribute = "CustomMessage_VerifyUserAttribute"
  case customMessageAuthentication = "CustomMessage_Authentication"

  case defineAuthChallenge = "DefineAuthChallenge_Authentication"
  case createAuthChallenge = "CreateAuthChallenge_Authentication"
  case verifyAuthChallengeResponse = "VerifyAuthChallengeResponse_Authentication"

  case customEmailSenderSignUp = "CustomEmailSender_SignUp"
  case customEmailSenderForgotPassword = "CustomEmailSender_ForgotPassword"
  case customEmailSenderResendCode = "CustomEmailSender_ResendCode"
  case customEmailSenderUpdateUserAttribute = "CustomEmailSender_UpdateUserAttribute"
  case customEmailSenderVerifyUserAttribute = "CustomEmailSender_VerifyUserAttribute"
  case customEmailSenderAdminCreateUser = "CustomEmailSender_AdminCreateUser"
  case customEmailSenderAccountTakeOver = "CustomEmailSender_AccountTakeOverNotification"
  case customEmailSenderAuthentication = "CustomEmailSender_Authentication"

  case customSMSSenderSignUp = "CustomSMSSender_SignUp"
  case customSMSSenderForgotPassword = "CustomSMSSender_ForgotPassword"
  case customSMSSenderResendCode = "CustomSMSSender_ResendCode"
  case customSMSSenderVerifyUserAttribute = "CustomSMSSender_VerifyUserAttribute"
  case customSMSSenderUpdateUserAttribute = "CustomSMSSender_UpdateUserAttribute"
  case customSMSSenderAuthentication = "CustomSMSSender_Authentication"
  case customSMSSenderAdminCreateUser = "CustomSMSSender_AdminCreateUser"

  case inboundFederation = "InboundFederation_ExternalProvider"
}

/// A trigger of a user pool: what a function is attached to. One or more sources fire it.
public enum Trigger: Sendable {
  case preSignUp, postConfirmation
  case preAuthentication, postAuthentication
  case tokenGeneration
  case userMigration
  case customMessage, customEmailSender, customSMSSender
  case defineAuthChallenge, createAuthChallenge, verifyAuthChallengeResponse
  case inboundFederation
}

extension TriggerSource {
  /// The trigger that it fires.
  public var trigger: Trigger {
    switch self {
    case .preSignUp, .preSignUpAdminCreateUser, .preSignUpExternalProvider: .preSignUp
    case .postConfirmation, .postConfirmationForgotPassword: .postConfirmation
    case .preAuthentication: .preAuthentication
    case .postAuthentication: .postAuthentication
    case .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge,
      .tokenAuthenticateDevice, .tokenRefreshTokens, .tokenClientCredentials:
      .tokenGeneration
    case .userMigration, .userMigrationForgotPassword: .userMigration
    case .customMessageSignUp, .customMessageAdminCreateUser, .customMessageResendCode,
      .customMessageForgotPassword, .customMessageUpdateUserAttribute,
      .customMessageVerifyUserAttribute, .customMessageAuthentication:
      .customMessage
    case .defineAuthChallenge: .defineAuthChallenge
    case .createAuthChallenge: .createAuthChallenge
    case .verifyAuthChallengeResponse: .verifyAuthChallengeResponse
    case .customEmailSenderSignUp, .customEmailSenderForgotPassword, .customEmailSenderResendCode,
      .customEmailSenderUpdateUserAttribute, .customEmailSenderVerifyUserAttribute,
      .customEmailSenderAdminCreateUser, .customEmailSenderAccountTakeOver,
      .customEmailSenderAuthentication:
      .customEmailSender
    case .customSMSSenderSignUp, .customSMSSenderForgotPassword, .customSMSSenderResendCode,
      .customSMSSenderVerifyUserAttribute, .customSMSSenderUpdateUserAttribute,
      .customSMSSenderAuthentication, .customSMSSenderAdminCreateUser:
      .customSMSSender
    case .inboundFederation: .inboundFederation
    }
  }
}
