import CognitoTriggers
import UserTable

/// What to do with an event.
public enum TriggerRule: Sendable, Equatable {
  /// Write the user, and what the event says of this moment.
  case write(UserMoment)
  /// Answer with the event and the user's roles as the tokens' groups, perhaps after writing the user.
  case overrideGroups(writesUser: Bool)
  /// Answer with the event and do nothing else.
  case pass
  /// Answer with an error: the event comes from a user pool that is not served here.
  case refuse

  /// Decides by the full name of the trigger source, never by a prefix: AWS adds names.
  ///
  /// - Parameters:
  ///   - source: nil for an unknown source, which passes.
  ///   - configuration: says which pools are served, and what is done beside writing users.
  public init(source: TriggerSource?, userPoolID: String?, in configuration: Configuration) {
    let pools = configuration.userPoolIDs
    guard pools.isEmpty || userPoolID.map(pools.contains) == true else {
      self = .refuse
      return
    }
    switch source {
    case .postConfirmation, .postConfirmationForgotPassword:
      self = .write(.confirmation)
    case .postAuthentication:
      self = .write(.signIn(isRecorded: configuration.tracksSignIns))
    case .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge,
      .tokenAuthenticateDevice, .tokenRefreshTokens:
      self =
        switch (configuration.putsRolesIntoTokens, configuration.writesOnToken) {
        case (true, let writesUser): .overrideGroups(writesUser: writesUser)
        case (false, true): .write(.token)
        case (false, false): .pass
        }
    // Before sign-up there is no `sub` yet; in a user migration, and behind a client's own credentials,
    // there is no user.
    case .preSignUp, .preSignUpAdminCreateUser, .preSignUpExternalProvider,
      .preAuthentication,
      .tokenClientCredentials,
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
