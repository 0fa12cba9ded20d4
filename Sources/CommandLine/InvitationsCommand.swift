import ArgumentParser
import JSON
import Postgres
import UserTable

struct InvitationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invitations",
    abstract: "Shows who is invited to sign up.",
    discussion: """
      A line for each invitation that is not used up, expired ones among them. With \
      --user-pool-id only those into this pool, and those into every pool.

      Connect with the login that owns the schema.

      Example:

        pooltable invitations --all
      """)

  @OptionGroup var database: DatabaseOptions

  @Flag(help: "Show those that are used up, too.")
  var all = false

  @OptionGroup var pool: PoolOption

  @Flag(help: "Print JSON, one invitation a line.")
  var json = false

  func run() throws {
    let invitations = try CommandFailure.withRemedies(\.remedyForOwner) {
      try database.connect().run(
        ListInvitations(withUsed: all, userPoolID: pool.userPoolID), until: .after(.seconds(60)))
    }
    for invitation in invitations {
      if json {
        print(invitation.jsonText)
      } else {
        StandardOutput.print(invitation.line)
      }
    }
    if invitations.isEmpty, !json { StandardOutput.print("no invitations") }
  }
}

extension Invitation {
  var line: String {
    var parts = [
      invitee + (userPoolID.map { " (\($0))" } ?? "") + ": "
        + (roles.isEmpty ? "no roles" : roles.joined(separator: ", ")),
      "invited by \(invitedBy)" + (invitedAt.map { " at \($0.rfc3339)" } ?? ""),
    ]
    if let usedAt {
      parts.append("used at \(usedAt.rfc3339)" + (usedBy.map { " by \($0)" } ?? ""))
    } else {
      parts.append(
        expiresAt.map { "\(isExpired ? "expired" : "expires") at \($0.rfc3339)" }
          ?? "never expires")
    }
    return parts.joined(separator: "; ")
  }
}

extension Invitation: JSONWritable {
  public func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("expired", isExpired)
      json.member("expiresAt", expiresAt?.rfc3339)
      json.member("invitedAt", invitedAt?.rfc3339)
      json.member("invitedBy", invitedBy)
      json.member("invitee", invitee)
      json.member("roles", roles)
      json.member("usedAt", usedAt?.rfc3339)
      json.member("usedBy", usedBy)
      json.member("userPoolID", userPoolID)
    }
  }
}
