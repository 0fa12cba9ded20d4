import Clock
import CognitoAPI
import CognitoPush
import Postgres
import Reconciliation

/// What `pooltable reconcile` does beyond the table of users, once that is done: the other direction.
struct ReconcileFollowUp {
  /// What came of it; nil where it was not asked for.
  struct Result: Equatable {
    var writeBack: AttributePusher.Summary?
    var roles: RoleComparison.Summary?
    var repair: PushSummary?
    /// Why it broke off.
    var problem: String?
    /// Whether something was left out that a replica of the pool does not allow.
    var isSecondary = false
    /// Whether it broke off because somebody asked for it.
    var isInterrupted = false
    /// What had failed, where that was while something was tried again.
    var waitedFor: String?
  }

  let pool: UserPoolID
  let database: DatabaseOptions
  let isDryRun: Bool
  let attribute: CustomAttribute?
  let comparesRoles: Bool
  let repairsRoles: Bool

  /// Whether Cognito is asked where it has a replica of the pool, which may be read and not written.
  private var isSecondary: Bool { pool.isReplica(in: pool.region) }

  var isWanted: Bool { attribute != nil || comparesRoles }

  /// - Parameter report: called with `SUB  missing A, B  surplus C` for each user whose groups differ.
  func run(
    progress: inout ProgressDisplay, report: (String) -> Void
  ) -> Result {
    var result = Result()
    do {
      let connection = try database.connect()
      let cognito = try CognitoClient.forCommandLine()
      result.isSecondary = isSecondary && (attribute != nil || repairsRoles)
      if let attribute, !isSecondary {
        result.writeBack = try writeBack(attribute, connection, cognito, &progress)
      }
      if comparesRoles {
        result.roles = try compareRoles(connection, cognito, &progress, report)
        if repairsRoles, !isDryRun, !isSecondary {
          result.repair = try RolePusher(
            outbox: RoleOutbox(connection: connection), cognito: cognito, createsGroups: true
          ).drain(mayGoOn: { !Interruption.isRequested })
        }
      }
    } catch let error as PushError {
      let cause = error.description(withRemedies: \.remedyForOwner)
      if Interruption.isRequested, error.mayPass {
        result.waitedFor = cause
      } else {
        result.problem = cause
      }
    } catch {
      result.problem = "\(error)"
    }
    progress.clear()
    result.isInterrupted = result.problem == nil && Interruption.isRequested
    return result
  }

  private func writeBack(
    _ attribute: CustomAttribute, _ connection: Connection, _ cognito: CognitoClient,
    _ progress: inout ProgressDisplay
  ) throws(PushError) -> AttributePusher.Summary {
    let pusher = AttributePusher(
      connection: connection, cognito: cognito, attribute: attribute.name)
    if isDryRun { return AttributePusher.Summary(lacking: try pusher.count(in: pool)) }
    return try pusher.push(
      pool: pool, mayGoOn: { !Interruption.isRequested },
      report: { summary, refusal in
        progress.show(summary.set + summary.unknown + summary.refused, fraction: nil)
        guard let refusal else { return }
        progress.clear()
        StandardError.print("refused: \(refusal.sub): \(refusal.1)")
      })
  }

  private func compareRoles(
    _ connection: Connection, _ cognito: CognitoClient, _ progress: inout ProgressDisplay,
    _ report: (String) -> Void
  ) throws(PushError) -> RoleComparison.Summary {
    try RoleComparison(connection: connection, cognito: cognito, pool: pool).compare(
      repairs: repairsRoles && !isDryRun && !isSecondary, mayGoOn: { !Interruption.isRequested },
      report: { summary, difference in
        progress.show(summary.users, fraction: nil)
        guard let (sub, difference) = difference else { return }
        let parts = [("missing", difference.missing), ("surplus", difference.surplus)]
          .filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: ", "))" }
        report("groups \(sub)  \(parts.joined(separator: "  "))")
      })
  }
}

extension ReconcileFollowUp.Result {
  /// What it adds to the run's verdict.
  var verdict: Report.Verdict {
    if problem != nil { return .failed }
    let unrepaired = (repair.map { $0.postponed + $0.keptBack } ?? roles?.differing) ?? 0
    let left =
      (writeBack.map { $0.unknown + $0.lacking + $0.refused } ?? 0) + (roles?.unknown ?? 0)
      + unrepaired
    if left > 0 || isInterrupted { return .differencesLeft }
    let changed = (writeBack?.set ?? 0) + (roles?.differing ?? 0)
    return changed > 0 ? .changed : .inStep
  }

  /// A line for each thing that was done.
  var lines: [String] {
    var lines: [String] = []
    if isSecondary {
      lines.append(
        "secondary: nothing was written to Cognito, which a replica of the pool does not allow")
    }
    if let writeBack {
      lines.append(
        "row ids: \(writeBack.set.grouped) written back, \(writeBack.lacking.grouped) lacking, "
          + "\(writeBack.refused.grouped) refused, \(writeBack.unknown.grouped) of users whom Cognito does not have"
      )
    }
    if let roles {
      lines.append(
        "groups: \(roles.users.counted("user")) compared, \(roles.differing.grouped) differ, "
          + "\(roles.missing.counted("membership")) missing, \(roles.surplus.grouped) surplus, "
          + "\(roles.unknown.counted("user")) whom Cognito does not have")
    }
    if let repair {
      lines.append(
        "groups repaired: \(repair.users.counted("user")), \(repair.added.grouped) added, "
          + "\(repair.removed.grouped) removed, \(repair.createdGroups.grouped) created, "
          + "\(repair.postponed.grouped) to be tried again, \(repair.keptBack.grouped) kept with an error"
      )
    }
    return lines
  }
}
