import CognitoTriggers
import UserTable

/// What to do with an event.
enum TriggerRule: Sendable, Equatable {
  /// Write the user, and what the event says of this moment.
  case write(UserMoment)
  /// Answer with the event and what the tokens are to carry, perhaps after writing the user.
  case answerToken(WantedContents)
  /// Do what is to be done before a user signs up.
  case signUp(SignUpWork)
  /// Look for the user among those who were there before Cognito.
  case migrate
  /// Answer with the event and do nothing else.
  case pass
  /// Answer with an error: the event comes from a user pool that is not served here.
  case refuse

  /// Decides by the full name of the trigger source, never by a prefix: AWS adds names.
  ///
  /// - Parameters:
  ///   - source: nil for an unknown source, which passes.
  ///   - configuration: says which pools are served, and what is done beside writing users.
  init(source: TriggerSource?, userPoolID: String?, in configuration: Configuration) {
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
      let contents = WantedContents(
        roles: configuration.putsRolesIntoTokens, claims: configuration.putsClaimsIntoTokens,
        writesUser: configuration.writesOnToken)
      self =
        if contents.roles || contents.claims {
          .answerToken(contents)
        } else {
          contents.writesUser ? .write(.token) : .pass
        }
    // Behind a client's own credentials there is no user.
    case .tokenClientCredentials:
      self =
        configuration.putsClaimsIntoTokens
        ? .answerToken(WantedContents(claims: true, isForClient: true)) : .pass
    case .preSignUp, .preSignUpExternalProvider:
      let work = SignUpWork(
        isDecided: configuration.signUp.isOn,
        isLinked: source == .preSignUpExternalProvider && configuration.linking != nil)
      self = work == SignUpWork() ? .pass : .signUp(work)
    case .preSignUpAdminCreateUser:
      let policy = configuration.signUp
      self =
        policy.isOn && policy.isForAdminCreated ? .signUp(SignUpWork(isDecided: true)) : .pass
    case .userMigration, .userMigrationForgotPassword:
      self = configuration.migration == nil ? .pass : .migrate
    case .preAuthentication,
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
