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
