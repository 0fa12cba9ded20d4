import ArgumentParser
import CognitoTriggers
import JSON
import Postgres
import TokenVerification
import UserTable

struct WhoAmICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami",
    abstract: "Verifies a token, and shows whose row it is.",
    usage:
      "pooltable whoami [-] --user-pool-id <id> (--client-id <id> ... | --any-client) [<options>] [--database-url <url>]",
    discussion: """
      First what 'pooltable verify' does. Then the row of the token's user, whether it is live \
      (neither deleted nor disabled), and its roles as the database has them now. Those may \
      differ from the groups in the token, which are from when it was issued.

      Connect with the login that owns the schema. Nothing is written.

      Exit codes: 0 the token is valid, and its user is live; 1 the token is not valid, or its \
      user has no row, is deleted or is disabled; 3 not known, the keys or the database could \
      not be reached; 64 the command line is wrong.

      Example:

        pooltable whoami --user-pool-id eu-central-1_a1B2c3D4e \\
          --client-id 1h57kf5cpq17m0eml12EXAMPLE <token.txt
      """)

  @OptionGroup var token: TokenOptions

  @OptionGroup var database: DatabaseOptions

  func run() throws {
    let outcome = try token.outcome()
    guard let claims = outcome.claims else {
      return try end(outcome, nil, outcome.problem, code: outcome.exitCode)
    }
    guard let sub = claims["sub"]?.string.flatMap({ Sub($0) }) else {
      return try end(
        outcome, nil, "the token is an app client's own: it has no user", code: 1)
    }
    let row: TokenUser?
    do {
      row = try CommandFailure.withRemedies(\.remedyForOwner) {
        try database.connect().run(
          TokenUserCall(UserKey(userPoolID: token.issuer.userPoolID, sub: sub)),
          until: .after(.seconds(15)))
      }
    } catch {
      return try end(outcome, nil, "\(error)", code: 3)
    }
    let user = TokenHolder(
      sub: sub, userPoolID: token.issuer.userPoolID, row: row, groups: CognitoClaims.groups(claims))
    try end(outcome, user, user.problem, code: user.problem == nil ? 0 : 1)
  }

  private func end(
    _ outcome: TokenOutcome, _ user: TokenHolder?, _ problem: String?, code: Int32
  ) throws {
    if let problem { StandardError.print(problem) }
    if token.json {
      var json = JSONWriter()
      outcome.write(to: &json, problem: problem, user: user)
      print(String(decoding: json.finished(), as: UTF8.self))
    } else if let user {
      for line in user.lines { StandardOutput.print(line) }
    }
    if code != 0 { throw ExitCode(code) }
  }
}

/// Whose token it is, and what the table says of them.
struct TokenHolder {
  let sub: Sub
  let userPoolID: String
  /// Nil where there is none.
  let row: TokenUser?
  /// As the token has them.
  let groups: [String]

  /// Why the application should not take the token, although it is valid.
  var problem: String? {
    guard let row else {
      return "the user has no row: no event has brought one yet ('pooltable reconcile' does)"
    }
    if let id = row.mergedInto { return "the user was merged into another: \(id)" }
    if row.isForgotten { return "the user was deleted, and forgotten" }
    if row.isDeleted { return "the user is marked as deleted" }
    return row.isEnabled ? nil : "the user is disabled"
  }

  private var state: String {
    guard let row else { return "no row" }
    return switch (row.isDeleted, row.isEnabled) {
    case (true, _): "deleted"
    case (false, true): "enabled"
    case (false, false): "disabled"
    }
  }

  var lines: [String] {
    func list(_ names: [String]) -> String { names.isEmpty ? "-" : names.joined(separator: ", ") }
    return [
      "user pool        \(userPoolID)",
      "sub              \(sub)",
      "row              \(row?.id ?? "-")",
      "state            \(state)",
      "roles            \(list(row?.roles ?? []))",
      "groups in token  \(list(groups))",
    ]
  }
}

extension TokenHolder: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("deleted", row?.isDeleted)
      json.member("enabled", row?.isEnabled)
      json.member("groups", groups)
      json.member("live", row?.isLive ?? false)
      json.member("mergedInto", row?.mergedInto)
      json.member("roles", row?.roles)
      json.member("row", row?.id)
      json.member("sub", sub.description)
      json.member("userPoolID", userPoolID)
    }
  }
}
