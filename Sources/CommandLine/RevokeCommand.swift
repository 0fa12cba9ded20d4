import ArgumentParser
import JSON
import Postgres
import UserTable

struct RevokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Takes invitations back that are not used up.",
    discussion: """
      Somebody who has signed up already stays, and keeps the roles: disable the user at \
      Cognito, and remove the roles.

      With --user-pool-id only an invitation into this pool alone is taken back.

      Connect with the login that owns the schema.

      Exits with 1 when somebody had no invitation, or one that is used up; the others' are \
      taken back.

      Example:

        pooltable revoke ada@example.com
      """)

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("An address, or a domain.", valueName: "address|domain"))
  var invitees: [String] = []

  @Flag(help: "All that are expired: whose address is then nowhere kept.")
  var expired = false

  @OptionGroup var pool: PoolOption

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard invitees.isEmpty == expired else {
      throw ValidationError("Give either addresses and domains, or --expired.")
    }
  }

  func run() throws {
    let revoked = try CommandFailure.withRemedies(\.remedyForOwner) {
      try database.connect().run(
        RevokeInvitations(expired ? nil : invitees, userPoolID: pool.userPoolID),
        until: .after(.seconds(60)))
    }
    let unknown = invitees.filter { !revoked.contains($0.lowercased()) }
    for invitee in unknown {
      StandardError.print(
        "'\(invitee)' has no invitation that is not used up; 'pooltable invitations' lists them")
    }
    if json {
      var writer = JSONWriter()
      writer.object { json in
        json.member("revoked", revoked.count)
        json.member("unknown", unknown)
      }
      print(String(decoding: writer.finished(), as: UTF8.self))
    } else {
      StandardOutput.print("\(revoked.count.counted("invitation")) revoked")
    }
    if !unknown.isEmpty { throw ExitCode(1) }
  }
}
