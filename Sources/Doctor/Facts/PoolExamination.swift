import Clock
import CognitoAPI

/// Asks Cognito about a pool, and tries what the deployment calls there.
struct PoolExamination {
  /// So many app clients are looked at.
  private static let clientLimit = 100

  let cognito: CognitoClient
  let pool: UserPoolID
  let deployment: Deployment
  let deadline: Deadline
  let report: (Finding) -> Void

  /// - Parameter answer: what Cognito says of the pool.
  /// - Returns: the function by the ARN that the pool's triggers have of it; nil where none calls it.
  func run(_ answer: Result<PoolDescription, CognitoError>) -> FunctionReference? {
    var function: FunctionReference?
    switch answer {
    case .success(let description):
      function = examine(description)
    case .failure(.resourceNotFound):
      report(
        .failed(
          .triggers, "\(pool.region) has no user pool \(pool)",
          "check USER_POOL_IDS, and whose account the credentials are of"))
      return nil
    case .failure(let error):
      for check in [CheckName.triggers, .journeys, .issuer, .legacyAttribute] {
        report(.skipped(check, "\(pool): \(error.told)", Self.remedy(for: error)))
      }
    }
    examineClients(try? answer.get())
    for call in NeededCall.all(for: deployment.features) { tryCall(call) }
    return function
  }

  private static func remedy(for error: CognitoError) -> String? {
    guard case .accessDenied = error else { return nil }
    return "nobody but the doctor needs it"
  }

  private func examine(_ description: PoolDescription) -> FunctionReference? {
    let features = deployment.features
    let triggers = TriggerChecks(
      pool, description, function: deployment.function, features: features)
    let wired = triggers.wired
    for finding in triggers.findings { report(finding) }
    report(Journey.finding(pool, with: wired, features))
    if let finding = PoolChecks.tokenEvents(pool, description, wired: wired, features) {
      report(finding)
    }
    report(PoolChecks.issuer(pool, description))
    do {
      let regions = try cognito.replicaRegions(of: pool, until: deadline)
      report(
        PoolChecks.replicas(pool, regions, region: deployment.region, description, features))
    } catch {
      report(.skipped(.replicas, "\(pool): \(error.told)", Self.remedy(for: error)))
    }
    if let attribute = features.writeBackAttribute {
      report(PoolChecks.writeBack(attribute, pool, description))
    }
    return wired.first.flatMap { description.triggers[$0] }.flatMap { FunctionReference($0) }
  }

  /// - Parameter description: nil where Cognito did not tell what the pool is like.
  private func examineClients(_ description: PoolDescription?) {
    do {
      var clients: [AppClient] = []
      let ids = try cognito.clientIDs(of: pool, until: deadline)
      for id in ids.prefix(Self.clientLimit) {
        clients.append(try cognito.client(id, of: pool, until: deadline))
      }
      var found: [Finding] = []
      if let attribute = deployment.features.writeBackAttribute {
        found += PoolChecks.writing(attribute, .writeBackAttribute, pool, clients)
      }
      if let description { found += PoolChecks.legacyAttribute(pool, description, clients) }
      found += PoolChecks.clients(
        pool, clients, migratesUsers: description?.triggers[.userMigration] != nil)
      for finding in found { report(finding) }
      if ids.count > Self.clientLimit {
        report(
          .skipped(
            .appClients, "\(ids.count - Self.clientLimit) more of \(pool) were not looked at"))
      }
    } catch {
      let hasLegacyAttribute = description.map(PoolChecks.hasLegacyAttribute) ?? false
      for check in (hasLegacyAttribute ? [CheckName.legacyAttribute] : []) + [.appClients] {
        report(.skipped(check, "\(pool): \(error.told)", Self.remedy(for: error)))
      }
    }
  }

  private func tryCall(_ call: NeededCall) {
    if let reason = PermissionCheck.whyNotTried(call.operation) {
      report(
        .skipped(.permission, "cognito-idp:\(call.operation.rawValue) on \(pool) \(reason)"))
      return
    }
    do {
      try cognito.tryWithoutEffect(
        call.operation, features: deployment.features, in: pool, until: deadline)
      report(PermissionCheck.finding(call, on: pool, nil))
    } catch {
      report(PermissionCheck.finding(call, on: pool, error))
    }
  }
}

extension CognitoClient {
  /// Makes a call that changes nothing: it reads, or is about a user whom nobody can have made.
  fileprivate func tryWithoutEffect(
    _ operation: CognitoOperation, features: Features, in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) {
    let nobody = Self.nameOfNobody()
    switch operation {
    case .listUsers: _ = try listUsers(in: pool, until: deadline)
    case .getUser: _ = try user(nobody, in: pool, until: deadline)
    case .listGroupsForUser: _ = try groups(of: nobody, in: pool, until: deadline)
    case .addUserToGroup: try addUser(nobody, toGroup: nobody, in: pool, until: deadline)
    case .removeUserFromGroup:
      try removeUser(nobody, fromGroup: nobody, in: pool, until: deadline)
    case .updateAttributes:
      try updateAttributes(
        [(features.writeBackAttribute ?? CustomAttribute.userID.name, "")], of: nobody, in: pool,
        until: deadline)
    case .linkProvider: try tryLinking(in: pool, until: deadline)
    case .createGroup, .deleteUser, .describePool, .listClients, .describeClient, .listReplicas,
      .csvHeader, .createImportJob, .startImportJob, .describeImportJob:
      break
    }
  }
}
