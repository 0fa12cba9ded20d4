import AWS
import Clock
import CognitoAPI
import Settings

// The doctor: what of a deployment is as it should be, from where it runs.
//
// `Facts` asks (the database, Cognito, Lambda, EventBridge, CloudTrail), `Checks` says what the answers mean, each a
// pure function. Nothing is changed: what could take effect is tried with a user whom nobody can have made, or not at
// all. No finding holds a secret. What may not be asked is skipped, and no failure.

/// Examines a deployment.
public struct Doctor {
  private let deployment: Deployment
  private let database: DatabaseAccess?
  private let cloud: CloudAccess

  /// - Parameter database: nil where none is known.
  public init(_ deployment: Deployment, database: DatabaseAccess?, cloud: CloudAccess) {
    self.deployment = deployment
    self.database = database
    self.cloud = cloud
  }

  /// Whether the settings can be used.
  ///
  /// - Parameter error: nil where all are right.
  public static func configuration(_ error: SettingError?) -> Finding {
    error.map {
      .failed(
        .configuration, $0.description,
        "scripts/deploy/README.md, 'Configuration', has each variable with what it may be")
    }
      ?? .ok(.configuration, "every setting can be used")
  }

  /// That there is no database to look at, and why.
  ///
  /// - Parameter remedy: nil where the reason says it.
  public static func noDatabase(_ reason: String, _ remedy: String? = nil) -> Finding {
    .skipped(.connection, reason, remedy)
  }

  /// Looks at everything, as far as the time allows; what it does not get to is skipped or failed for want of it.
  ///
  /// - Parameter report: called with each finding when it is made.
  public func examine(until deadline: Deadline, report: @escaping (Finding) -> Void) {
    FunctionChecks.findings(deployment).forEach(report)
    if let database {
      DatabaseExamination(
        access: database, deployment: deployment, deadline: deadline, report: report
      ).run()
    }
    examineCloud(until: deadline, report: report)
  }

  private func examineCloud(until deadline: Deadline, report: @escaping (Finding) -> Void) {
    guard let first = deployment.pools.first else {
      report(
        .skipped(
          .credentials, "no user pool is named: nothing is asked at AWS",
          "set USER_POOL_IDS, or give --user-pool-id"))
      return
    }
    let isNeeded = deployment.features.callsAWS
    let cognito: CognitoClient
    do {
      cognito = try CognitoClient(
        environment: cloud.environment, version: cloud.version, backOff: nil,
        credentials: cloud.credentials)
    } catch {
      report(CredentialsCheck.finding(error.description, isNeeded: isNeeded))
      return
    }
    var function = deployment.function?.arn == nil ? nil : deployment.function
    for pool in deployment.pools {
      let description = Result { () throws(CognitoError) in
        try cognito.description(of: pool, until: deadline)
      }
      if pool == first {
        report(CredentialsCheck.finding(description, isNeeded: isNeeded))
        if let offset = cognito.clockOffset {
          report(ConnectionChecks.clock(.awsClock, offset: offset, of: "AWS's clock"))
        }
      }
      if case .failure(let error) = description, CredentialsCheck.isAboutTheWay(error) { return }
      let found = PoolExamination(
        cognito: cognito, pool: pool, deployment: deployment, deadline: deadline, report: report
      ).run(description)
      function = function ?? found
    }
    if deployment.features.followsChanges, let region = deployment.homeRegion {
      ChangeExamination(
        access: cloud, deployment: deployment, function: function, region: region,
        deadline: deadline, report: report
      ).run()
    }
  }
}
