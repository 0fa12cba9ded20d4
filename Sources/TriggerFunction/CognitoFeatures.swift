import AWS
import CognitoAPI
import Settings

/// What of the configuration needs calls to Cognito: nothing, unless it was asked for.
struct CognitoFeatures {
  var writeBack: WriteBack?
  /// For identities of a first sign-in.
  var linkProvider: LinkProvider?
  /// For following changes.
  var directory: (any UserDirectory)?
  /// For a push by a schedule.
  var roles: CognitoClient?

  init() {}

  /// - Throws: where Cognito could not be called: no keys, an endpoint that is none, an old libcurl.
  init(
    _ configuration: Configuration, environment: Environment
  ) throws(ServiceSetUpError) {
    if let attribute = configuration.writeBackAttribute {
      // Once: a user waits for the answer, and the next sign-in comes.
      writeBack = WriteBack(
        attribute: attribute,
        cognito: try CognitoClient(
          environment: environment, version: poolTableVersion, backOff: nil),
        budget: configuration.budget)
    }
    if let linking = configuration.linking {
      linkProvider = LinkProvider(
        linking,
        cognito: try CognitoClient(environment: environment, version: poolTableVersion),
        budget: configuration.budget)
    }
    if configuration.followsChanges {
      directory = try CognitoClient(environment: environment, version: poolTableVersion)
    }
    if configuration.pushesOnSchedule {
      roles = try CognitoClient(environment: environment, version: poolTableVersion)
    }
  }
}

extension Configuration {
  /// - Throws: naming the setting that is wrong, or else the one that asked for Cognito.
  func cognitoFeatures(
    environment: Environment
  ) throws(SettingError) -> CognitoFeatures {
    do {
      return try CognitoFeatures(self, environment: environment)
    } catch .setting(let error) {
      throw error
    } catch {
      let setting =
        writeBackAttribute != nil
        ? "WRITE_BACK_ATTRIBUTE"
        : linking != nil
          ? "LINK_PROVIDERS" : followsChanges ? "FOLLOW_CHANGES" : "PUSH_ON_SCHEDULE"
      throw SettingError(setting, "cannot be followed: \(error)")
    }
  }
}
