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

  /// Decides by the full name of the trigger source, which is known or not, never by a prefix: AWS adds names.
  ///
  /// - Parameters:
  ///   - source: nil for an unknown source, which passes.
  ///   - configuration: says which pools are served, and what is done beside writing users.
  init(source: TriggerSource?, userPoolID: String?, in configuration: Configuration) {
    guard configuration.serves(userPoolID) else {
      self = .refuse
      return
    }
    switch source?.trigger {
    case .postConfirmation: self = .write(.confirmation)
    case .postAuthentication: self = .write(.signIn(isRecorded: configuration.tracksSignIns))
    case .tokenGeneration: self = Self.token(for: source, configuration)
    case .preSignUp: self = Self.beforeSignUp(from: source, configuration)
    case .userMigration: self = configuration.migration == nil ? .pass : .migrate
    case .preAuthentication, .customMessage, .customEmailSender, .customSMSSender,
      .defineAuthChallenge, .createAuthChallenge, .verifyAuthChallengeResponse, .inboundFederation,
      nil:
      self = .pass
    }
  }

  private static func token(
    for source: TriggerSource?, _ configuration: Configuration
  ) -> TriggerRule {
    // Behind a client's own credentials there is no user.
    if source == .tokenClientCredentials {
      return configuration.putsClaimsIntoTokens
        ? .answerToken(WantedContents(claims: true, isForClient: true)) : .pass
    }
    let contents = WantedContents(
      roles: configuration.putsRolesIntoTokens, claims: configuration.putsClaimsIntoTokens,
      writesUser: configuration.writesOnToken)
    if contents.roles || contents.claims { return .answerToken(contents) }
    return contents.writesUser ? .write(.token) : .pass
  }

  private static func beforeSignUp(
    from source: TriggerSource?, _ configuration: Configuration
  ) -> TriggerRule {
    let policy = configuration.signUp
    let work = SignUpWork(
      isDecided: policy.isOn
        && (source != .preSignUpAdminCreateUser || policy.isForAdminCreated),
      isLinked: source == .preSignUpExternalProvider && configuration.linking != nil)
    return work == SignUpWork() ? .pass : .signUp(work)
  }
}
