import ArgumentParser
import JSON
import Postgres
import UserTable

/// In which attribute a user has the `sub` of another, given as `attribute:NAME`.
struct NamingAttribute: ExpressibleByArgument {
  let name: String

  init?(argument: String) {
    let prefix = "attribute:"
    guard argument.hasPrefix(prefix), argument.count > prefix.count else { return nil }
    name = String(argument.dropFirst(prefix.count))
  }
}

/// Lets each user take the place of the one whom an attribute names: for a pool that has moved.
struct MovedUsersMerge {
  let connection: Connection
  let attribute: String
  /// Whose users take the place of others, and whose give place; nil for every pool of the table.
  let newPool, oldPool: String?
  let isDryRun: Bool
  /// An object for each user, or a line for each whose row gave place.
  let printsJSON: Bool

  /// Goes through all of them, and tells what becomes of each.
  func run() throws -> Result {
    var result = Result(isDryRun: isDryRun)
    do {
      try pairUsers()
      var users = try connection.run(FetchMovedUsers(), until: .forWholeTable)
      guard !users.isEmpty else { throw nobody }
      while !users.isEmpty {
        for user in users {
          guard !Interruption.isRequested, !result.hasStopped else {
            result.hasStopped = true
            return result
          }
          try merge(user, &result)
        }
        users = try connection.run(FetchMovedUsers(), until: .forWholeTable)
      }
    } catch {
      if result.merged > 0, !isDryRun {
        StandardError.print(
          "\(result.merged.counted("user")) had been merged before it failed: run it again for the others"
        )
      }
      throw error
    }
    return result
  }

  /// Of a million users it takes up to a minute.
  private func pairUsers() throws(PostgresError) {
    var progress = ProgressDisplay("user", isSilent: printsJSON)
    defer { progress.clear() }
    progress.wait("pairing users by \(attribute) …")
    try connection.run(
      FindMovedUsers(by: attribute, newPool: newPool, oldPool: oldPool), until: .forWholeTable)
  }

  /// Most likely a slip of the pen, and nothing that went well.
  private var nobody: CommandFailure {
    CommandFailure(
      "no live user\(newPool.map { " of \($0)" } ?? "") has the attribute \(attribute) in the table; name it as "
        + "Cognito does (custom:…), and bring the new pool's users in: pooltable reconcile")
  }

  private func merge(_ user: MovedUser, _ result: inout Result) throws(PostgresError) {
    guard let oldID = user.oldID, user.problem == nil else {
      if let problem = user.problem { refuse(user, problem, &result) }
      return
    }
    var outcome = MergeOutcome(old: oldID, new: user.id, isDryRun: isDryRun)
    outcome.result = try connection.run(
      MergeUsersCall(oldID: oldID, newID: user.id, isDryRun: isDryRun, acrossPools: true),
      until: .forWholeTable)
    for problem in outcome.result.problems {
      StandardError.print("refused: " + problem.text(old: oldID, new: user.id))
      // They are in the way of everybody.
      if problem.kind == .composite || problem.kind == .notAllowed { result.hasStopped = true }
    }
    if !outcome.isMerged {
      result.left += 1
    } else if user.wasMerged && outcome.result.moved.isEmpty {
      result.unchanged += 1
      return
    } else {
      result.merged += 1
      if !printsJSON, let line = outcome.lines.first { StandardOutput.print(line) }
    }
    if printsJSON { print(outcome.jsonText) }
  }

  private func refuse(_ user: MovedUser, _ problem: MovedUser.Problem, _ result: inout Result) {
    result.left += 1
    StandardError.print("refused: " + user.text(problem, attribute: attribute))
    if printsJSON { print(LeftUser(user: user, problem: problem).jsonText) }
  }
}

extension MovedUsersMerge {
  /// What became of all of them.
  struct Result {
    var isDryRun: Bool
    /// Whose old row gave place, or of a dry run would.
    var merged = 0
    /// Whose old row had given place before, and is referenced no more.
    var unchanged = 0
    /// Who is in doubt, or in whose way something is.
    var left = 0
    /// Whether not all were looked at.
    var hasStopped = false

    var isComplete: Bool { left == 0 && !hasStopped }

    var line: String {
      "\((merged + unchanged + left).counted("user")): "
        + (isDryRun ? "\(merged.grouped) would be merged" : "\(merged.grouped) merged")
        + ", \(unchanged.grouped) had been before, \(left.grouped) left alone"
        + (hasStopped ? "; stopped: run it again for the others" : "")
    }
  }

  /// A user who takes nobody's place, as JSON.
  fileprivate struct LeftUser {
    let user: MovedUser
    let problem: MovedUser.Problem
  }
}

extension MovedUser {
  /// Why nobody's place is taken, and what can be done about it. What the attribute holds is told where it is a `sub`.
  func text(_ problem: Problem, attribute: String) -> String {
    let sub = oldSub ?? ""
    return switch problem {
    case .noSub: "the attribute \(attribute) of \(id) holds no sub; correct it in Cognito"
    case .namesItself: "\(id) names its own sub; correct the attribute \(attribute) in Cognito"
    case .noRow:
      "\(id) names the sub \(sub), which no row has; correct the attribute \(attribute) in Cognito, or bring the old "
        + "pool's users in: pooltable reconcile"
    case .severalNew:
      "\(id) is not the only one who names the sub \(sub); leave the attribute \(attribute) to one of them in Cognito, "
        + "or name the pool of the right one with --user-pool-id"
    case .severalOld:
      "\(id) names the sub \(sub), which rows of several user pools have; name the old one with --from-user-pool-id"
    case .oldNames:
      "\(id) names the sub \(sub) of a user who names somebody as well; merge the earlier move first, pool by pool: "
        + "--user-pool-id"
    case .newNamed:
      "\(id) names the sub \(sub), and is named as well; merge the earlier move first, pool by pool: --user-pool-id"
    }
  }
}

// MARK: JSON

extension MovedUsersMerge.Result: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("complete", isComplete)
      json.member("dryRun", isDryRun)
      json.member("left", left)
      json.member("merged", merged)
      json.member("unchanged", unchanged)
    }
  }
}

extension MovedUsersMerge.LeftUser: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("merged", false)
      json.member("new", user.id)
      json.member("oldSub", user.oldSub)
      json.member("problem", problem.rawValue)
    }
  }
}
