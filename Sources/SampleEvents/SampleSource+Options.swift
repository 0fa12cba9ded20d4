import CognitoTriggers

extension SampleSource {
  /// Which options an event of it has a place for.
  public var usableOptions: Set<SampleOption> {
    switch self {
    case .trigger(let source): source.usableOptions
    case .change(let call): call.usableOptions
    case .schedule: [.region]
    case .appSync:
      [
        .userPoolID, .clientID, .userName, .sub, .group, .field, .argument, .source, .claim, .batch,
        .count,
      ]
    }
  }
}

extension TriggerSource {
  /// Which triggers are told of a client's metadata, and which of validation data, says the Amazon Cognito Developer
  /// Guide, "Customizing user pool workflows with Lambda triggers", in the parameters of each.
  fileprivate var usableOptions: Set<SampleOption> {
    let pool: Set<SampleOption> = [.userPoolID, .region, .clientID]
    let user = pool.union([.userName, .sub, .attribute, .count])
    let token = user.union([.clientMetadata, .tokenVersion, .group, .scope])
    return switch trigger {
    case .preSignUp:
      self == .preSignUpExternalProvider
        ? user.union([.provider, .validationData]) : user.union([.clientMetadata, .validationData])
    case .postConfirmation:
      self == .postConfirmation
        ? user.union([.clientMetadata, .provider]) : user.union([.clientMetadata])
    case .postAuthentication: user.union([.clientMetadata, .provider])
    case .preAuthentication: user.union([.validationData])
    case .tokenGeneration:
      switch self {
      case .tokenClientCredentials: pool.union([.clientMetadata, .tokenVersion, .scope])
      case .tokenHostedAuth, .tokenRefreshTokens: token.union([.provider])
      default: token
      }
    case .userMigration: pool.union([.userName, .count, .clientMetadata, .validationData])
    case .inboundFederation: pool.union([.userName, .provider, .count])
    case .customEmailSender:
      self == .customEmailSenderAccountTakeOver
        ? pool.union([.userName, .sub, .count]) : user.union([.clientMetadata])
    case .customMessage, .customSMSSender, .defineAuthChallenge, .createAuthChallenge,
      .verifyAuthChallengeResponse:
      user.union([.clientMetadata])
    }
  }
}

extension FollowedCall {
  fileprivate var usableOptions: Set<SampleOption> {
    switch self {
    case .updateUserAttributes, .deleteUserAttributes, .verifyUserAttribute, .deleteUser:
      // What users do themselves names no pool.
      [.region, .sub, .count]
    case .startUserImportJob, .deleteUserPool: [.region, .userPoolID]
    case .adminCreateUser, .adminConfirmSignUp, .adminUpdateUserAttributes,
      .adminDeleteUserAttributes, .adminEnableUser, .adminDisableUser, .adminSetUserPassword,
      .adminResetUserPassword, .adminLinkProviderForUser, .adminDisableProviderForUser,
      .adminDeleteUser:
      [.region, .userPoolID, .userName, .sub, .count]
    }
  }
}
