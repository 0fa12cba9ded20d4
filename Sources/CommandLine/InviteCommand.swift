import ArgumentParser
import Clock
import JSON
import Postgres
import TriggerFunction
import UserTable

struct InviteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite",
    abstract: "Invites an e-mail address, or everybody of a domain, to sign up.",
    discussion: """
      With SIGN_UP_POLICY=database only who is invited may sign up, and the roles of the \
      invitation are given with the row. An address is for one user. It is used up when that \
      user's row is written with the address verified. Letter case does not matter; a +tag makes \
      it another address. A domain is for everybody who has an address there, without its \
      subdomains, and is never used up.

      Somebody who is invited already gets these roles instead, and the time begins anew. No \
      message is sent: tell them yourself. With --user-pool-id the invitation is into this pool \
      only.

      Connect with the login that owns the schema.

      Exits with 1 when there is no role of a name; then nobody is invited.

      Example:

        pooltable invite ada@example.com --role editor --expires 14d
      """)

  @OptionGroup var database: DatabaseOptions

  @Argument(help: ArgumentHelp("The address, or the domain.", valueName: "address|domain"))
  var invitee: InviteeArgument

  @Option(
    name: .customLong("role"),
    help: ArgumentHelp("A role to be given; may be repeated.", valueName: "name"))
  var roles: [String] = []

  @Option(
    help: ArgumentHelp("How long it holds, as 12h or 30d, or 'never'.", valueName: "duration"))
  var expires = ExpiryArgument.after(.seconds(7 * 86_400))

  @Option(
    name: .customLong("by"),
    help: ArgumentHelp("Who invites. (default: the login at the database)", valueName: "name"))
  var inviter: String?

  @OptionGroup var pool: PoolOption

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard inviter != "" else { throw ValidationError("--by must not be empty.") }
  }

  func run() throws {
    let outcome = try CommandFailure.withRemedies(\.remedyForOwner) {
      try database.connect().run(
        InviteCall(
          invitee.text, roles: roles, validity: expires.duration, userPoolID: pool.userPoolID,
          inviter: inviter),
        until: .after(.seconds(60)))
    }
    let (id, until, word): (String, Timestamp?, String)
    switch outcome {
    case .invited(let newID, let end): (id, until, word) = (newID, end, "invited")
    case .renewed(let oldID, let end): (id, until, word) = (oldID, end, "renewed")
    case .unknownRoles(let names):
      for name in names {
        StandardError.print(
          "there is no role '\(name)': INSERT INTO cognito.roles (name) VALUES (…) makes one")
      }
      throw ExitCode(1)
    }
    if json {
      var writer = JSONWriter()
      writer.object { json in
        json.member("expiresAt", until?.rfc3339)
        json.member("id", id)
        json.member("invitee", invitee.text)
        json.member("outcome", word)
        json.member("roles", roles)
        json.member("userPoolID", pool.userPoolID)
      }
      print(String(decoding: writer.finished(), as: UTF8.self))
    } else {
      StandardOutput.print(
        "\(word) \(invitee.text)\(until.map { " until \($0.rfc3339)" } ?? " for ever")")
    }
  }
}

/// Who is invited: an e-mail address, or a domain.
struct InviteeArgument: ExpressibleByArgument {
  let text: String

  init?(argument: String) {
    guard argument.utf8.count <= 2048, !argument.contains(where: \.isWhitespace) else { return nil }
    if let at = argument.utf8.lastIndex(of: UInt8(ascii: "@")) {
      let domain = argument[argument.utf8.index(after: at)...]
      guard at > argument.startIndex, domain.last != ".", DomainName(domain) != nil
      else { return nil }
      text = argument
    } else {
      let domain = argument.last == "." ? argument.dropLast() : argument[...]
      guard DomainName(domain) != nil else { return nil }
      text = domain.lowercased()
    }
  }
}

/// How long something holds.
enum ExpiryArgument: ExpressibleByArgument, CustomStringConvertible {
  case never
  case after(Duration)

  init?(argument: String) {
    if argument == "never" {
      self = .never
      return
    }
    // Further on PostgreSQL's times end; and what never held is a slip of the pen.
    guard let duration = DurationArgument(argument: argument)?.duration,
      (.seconds(1)...Duration.seconds(36_500 * 86_400)).contains(duration)
    else { return nil }
    self = .after(duration)
  }

  /// nil: for ever.
  var duration: Duration? {
    if case .after(let duration) = self { duration } else { nil }
  }

  /// For the help's default.
  var description: String {
    duration.map { "\($0.components.seconds / 86_400)d" } ?? "never"
  }
}
