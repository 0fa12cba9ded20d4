import Foundation
import TestSupport
import XCTest

/// `pooltable link`, as somebody runs it whose users have two accounts. A scripted Cognito plays its part.
final class LinkCommandTests: XCTestCase {
  private typealias Step = ScriptedServer.Step

  private func link(
    _ database: TestDatabase, _ server: ScriptedServer, _ arguments: String...,
    environment: [String: String] = [:]
  ) throws -> CommandRun {
    defer { withExtendedLifetime(server) {} }
    let own = [
      "DATABASE_URL": database.ownerURL, "LINK_PROVIDERS": "Google", "AWS_ACCESS_KEY_ID": "a",
      "AWS_SECRET_ACCESS_KEY": "b",
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)",
    ]
    return try CommandRun.pooltable(
      ["link"] + arguments, environment: own.merging(environment) { $1 })
  }

  /// Ada's two accounts, and three posts of the federated one.
  private struct Scene {
    let database: TestDatabase
    let federated, native: TestUser
    let subject, email: String

    init(
      subject: String = "115", email: String = "ada@example.com", in database: TestDatabase? = nil
    ) throws {
      let isFirst = database == nil
      let database = try database ?? TestDatabase()
      self.database = database
      (self.subject, self.email) = (subject, email)
      federated = try database.addUser("google_\(subject)")
      native = try database.addUser("ada\(subject)")
      try database.query(
        "UPDATE cognito.users SET email = $1::text WHERE id IN ($2::uuid, $3::uuid)",
        [email, federated.id, native.id])
      try database.query(
        "UPDATE cognito.users SET status = 'EXTERNAL_PROVIDER', identities = NULL WHERE id = $1::uuid",
        [federated.id])
      if isFirst {
        try database.execute(
          """
          CREATE TABLE posts (id integer PRIMARY KEY, author uuid REFERENCES cognito.users, slot integer);
          INSERT INTO posts SELECT i, '\(federated.id)', i FROM generate_series(1, 3) AS i
          """)
      }
    }

    private func user(
      _ user: TestUser, _ name: String, _ key: String, status: String, _ changes: [String: String]
    ) throws -> [String: Any] {
      let own = ["sub": user.sub, "email": email, "email_verified": "true"]
      return [
        "Username": name, "UserStatus": status, "Enabled": true,
        key: own.merging(changes) { $1 }.map { ["Name": $0.key, "Value": $0.value] },
      ]
    }

    private func answer(_ object: [String: Any]) throws -> Step {
      .answer(200, body: Array(try JSONSerialization.data(withJSONObject: object)))
    }

    /// `AdminGetUser` of the federated user.
    func federatedAsked(_ changes: [String: String] = [:]) throws -> Step {
      try answer(
        user(federated, "google_\(subject)", "UserAttributes", status: "EXTERNAL_PROVIDER", changes)
      )
    }

    func listed(_ changes: [String: String] = [:]) throws -> Step {
      try answer([
        "Users": [
          try user(federated, "google_\(subject)", "Attributes", status: "EXTERNAL_PROVIDER", [:]),
          try user(native, "ada\(subject)", "Attributes", status: "CONFIRMED", changes),
        ]
      ])
    }

    func nativeAsked(status: String = "CONFIRMED", _ changes: [String: String] = [:]) throws -> Step
    {
      try answer(user(native, "ada\(subject)", "UserAttributes", status: status, changes))
    }

    /// All that is asked before something is done.
    func lookedAt() throws -> [Step] { [try federatedAsked(), try listed(), try nativeAsked()] }
  }

  /// How it is answered that an identity may be linked: there is no such user.
  private static let permitted = refused("UserNotFoundException")
  private static let done = Step.answer(200, body: Array("{}".utf8))
  private static func refused(_ type: String) -> Step {
    .answer(400, body: Array(#"{"__type":"\#(type)","message":"secret"}"#.utf8))
  }

  private func calls(_ server: ScriptedServer) -> [String] {
    server.requests.compactMap {
      $0.headers["x-amz-target"]?.split(separator: ".").last.map(String.init)
    }
  }
  private static let link = "AdminLinkProviderForUser"
  private static let looking = ["AdminGetUser", "ListUsers", "AdminGetUser"]

  func testADryRunOnlyLooks() throws {
    let scene = try Scene()
    let before = try scene.database.everything()
    let server = try ScriptedServer(scene.lookedAt() + scene.lookedAt())
    let run = try link(scene.database, server, "--dry-run")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      run.output,
      """
      \(scene.federated.id) (Google) and \(scene.native.id): could be linked; the federated user would be deleted, by --delete-federated
      1 pair: 1 could be linked, 0 not, 0 failed

      """)
    let json = try link(
      scene.database, server, "--dry-run", "--delete-federated", "--json", scene.native.sub)
    XCTAssertEqual(json.exitCode, 0, json.errors)
    XCTAssertEqual(
      json.output,
      #"{"complete":true,"doubted":0,"dryRun":true,"failed":0,"linkable":1,"linked":0,"pairs":["#
        + #"{"deleted":false,"federated":"\#(scene.federated.id)","native":"\#(scene.native.id)","provider":"Google","result":"linkable"}],"#
        + #""unknown":[]}"# + "\n")
    XCTAssertEqual(calls(server), Self.looking + Self.looking)
    XCTAssertEqual(try scene.database.everything(), before)
  }

  func testTheSessionOfTheREADME() throws {
    let one = try Scene()
    let two = try Scene(subject: "7", email: "bob@example.com", in: one.database)
    // Pairs are asked about in the order of their ids.
    let (ada, bob) = one.federated.id < two.federated.id ? (one, two) : (two, one)
    try one.database.query("UPDATE posts SET author = $1::uuid", [ada.federated.id])
    let unconfirmed = [
      try bob.federatedAsked(), try bob.listed(), try bob.nativeAsked(status: "UNCONFIRMED"),
    ]
    let server = try ScriptedServer(
      ada.lookedAt() + unconfirmed + ada.lookedAt() + [Self.permitted, Self.done, Self.done])
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: "pooltable link")
    XCTAssertEqual(
      try session.differences([
        "DATABASE_URL": one.database.ownerURL, "federated": ada.federated.id,
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)",
      ]), [])
  }

  func testNothingIsDoneToAnybodyWhoIsNotNamed() throws {
    let scene = try Scene()
    let before = try scene.database.everything()
    let server = try ScriptedServer([])
    for arguments in [
      ["link"], ["link", "--delete-federated"], ["link", "--all", scene.native.id],
      ["link", "ada"], ["link", "--dry-run", "--user-pool-id", "pool"],
    ] {
      let run = try CommandRun.pooltable(
        arguments,
        environment: ["DATABASE_URL": scene.database.ownerURL, "LINK_PROVIDERS": "Google"])
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
    }
    let nobody = UUID().uuidString.lowercased()
    let unknown = try link(scene.database, server, nobody, "--delete-federated")
    XCTAssertEqual(unknown.exitCode, 1)
    XCTAssertTrue(unknown.errors.contains("refused: \(nobody)"), unknown.errors)
    let noProvider = try link(
      scene.database, server, "--dry-run", environment: ["LINK_PROVIDERS": ""])
    XCTAssertEqual(noProvider.exitCode, 1)
    XCTAssertTrue(noProvider.errors.contains("give --providers"), noProvider.errors)
    let bad = try link(scene.database, server, "--dry-run", "--providers", "a_b")
    XCTAssertEqual(bad.exitCode, 1)
    XCTAssertTrue(bad.errors.contains("LINK_PROVIDERS must be"), bad.errors)
    XCTAssertEqual(server.requests.count, 0)
    XCTAssertEqual(try scene.database.everything(), before)
  }

  func testWithoutTheOptionNobodyIsDeleted() throws {
    let scene = try Scene()
    let before = try scene.database.everything()
    let server = try ScriptedServer(scene.lookedAt())
    let run = try link(scene.database, server, scene.federated.id)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.output.contains("not linked, ownUser: "), run.output)
    XCTAssertTrue(run.output.contains("--delete-federated"), run.output)
    XCTAssertEqual(calls(server), Self.looking)
    XCTAssertEqual(try scene.database.everything(), before)
  }

  func testTheTwoBecomeOne() throws {
    let scene = try Scene()
    let server = try ScriptedServer(scene.lookedAt() + [Self.permitted, Self.done, Self.done])
    let run = try link(scene.database, server, scene.federated.sub, "--delete-federated")
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      run.output,
      """
      \(scene.federated.id) (Google) and \(scene.native.id): linked, the federated user deleted, 6 rows moved
      1 pair: 1 linked, 0 not, 0 failed

      """)
    XCTAssertEqual(
      calls(server), Self.looking + [Self.link, "AdminDeleteUser", Self.link])
    let bodies = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
    XCTAssertFalse(bodies[3].contains("ada115"), bodies[3])
    XCTAssertTrue(bodies[4].contains(#""Username":"google_115""#), bodies[4])
    XCTAssertTrue(
      bodies[5].contains(#""ProviderAttributeValue":"ada115","ProviderName":"Cognito""#), bodies[5])
    XCTAssertTrue(
      bodies[5].contains(#""ProviderAttributeValue":"115","ProviderName":"Google""#), bodies[5])
    XCTAssertEqual(
      try scene.database.query("SELECT DISTINCT author FROM posts"), [[scene.native.id]])
    XCTAssertEqual(
      try scene.database.query(
        "SELECT deleted_at IS NOT NULL, merged_into FROM cognito.users WHERE id = $1::uuid",
        [scene.federated.id]), [["t", scene.native.id]])
    // There is no pair any more.
    let again = try link(scene.database, server, "--all", "--delete-federated")
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(again.output, "0 pairs: 0 linked, 0 not, 0 failed\n")
  }

  func testEveryDoubtLeavesBothAsTheyAre() throws {
    let scene = try Scene()
    let before = try scene.database.everything()
    let (asked, listed) = (try scene.federatedAsked(), try scene.listed())
    let rows: [(steps: [Step], word: String)] = [
      ([try scene.federatedAsked(["email_verified": "false"])], "unverified"),
      ([try scene.federatedAsked(["email": "\"x\"@example.com"])], "oddAddress"),
      // By now the name is another user's.
      ([try scene.federatedAsked(["sub": UUID().uuidString])], "changed"),
      ([asked, try scene.listed(["email": "bob@example.com"])], "changed"),
      ([asked, try scene.listed(["email": "ADA@example.com"])], "otherCase"),
      ([asked, listed, try scene.nativeAsked(status: "UNCONFIRMED")], "unconfirmed"),
      ([asked, listed, try scene.nativeAsked(["email_verified": "false"])], "addressUnverified"),
      (
        [
          asked, listed,
          try scene.nativeAsked(["identities": #"[{"userId":"1","providerName":"Google"}]"#]),
        ],
        "alreadyLinked"
      ),
    ]
    for row in rows {
      let server = try ScriptedServer(row.steps)
      let run = try link(scene.database, server, scene.native.id, "--delete-federated")
      XCTAssertEqual(run.exitCode, 1, row.word)
      XCTAssertTrue(run.output.contains("not linked, \(row.word): "), run.output)
      XCTAssertEqual(calls(server), Array(Self.looking.prefix(row.steps.count)))
      XCTAssertFalse(run.output.contains("@"), run.output)
      // To have seen it is all that a dry run is for.
      let look = try link(
        scene.database, ScriptedServer(row.steps), "--dry-run", "--json")
      XCTAssertEqual(look.exitCode, 0, look.errors)
      XCTAssertTrue(look.output.contains(#""doubt":"\#(row.word)""#), look.output)
    }
    let notListed = try link(
      scene.database, ScriptedServer([asked]), "--dry-run", "--providers", "SignInWithApple")
    XCTAssertTrue(notListed.output.contains("notListed"), notListed.output)
    XCTAssertEqual(try scene.database.everything(), before)
  }

  func testWhatFailedHalfWayGoesOnWhereItIsRunAgain() throws {
    let scene = try Scene()
    let server = try ScriptedServer(
      scene.lookedAt() + [
        Self.permitted, Self.done, Self.refused("NotAuthorizedException"),
        // The second run.
        Self.refused("UserNotFoundException"), try scene.listed(), try scene.nativeAsked(),
        Self.done,
      ])
    let first = try link(scene.database, server, scene.native.id, "--delete-federated")
    XCTAssertEqual(first.exitCode, 1)
    XCTAssertTrue(
      first.output.contains("the federated user is deleted and NOT linked, run it again"),
      first.output)
    XCTAssertEqual(
      try scene.database.query(
        "SELECT deleted_at IS NOT NULL, merged_into FROM cognito.users WHERE id = $1::uuid",
        [scene.federated.id]), [["f", nil]])
    XCTAssertEqual(
      try scene.database.query("SELECT DISTINCT author FROM posts"), [[scene.federated.id]])

    // Nobody is left to be deleted.
    let second = try link(scene.database, server, scene.native.id)
    XCTAssertEqual(second.exitCode, 0, second.output + second.errors)
    XCTAssertTrue(second.output.contains("linked, 6 rows moved"), second.output)
    XCTAssertEqual(calls(server).suffix(4), Self.looking + [Self.link])
    XCTAssertEqual(
      try scene.database.query("SELECT DISTINCT author FROM posts"), [[scene.native.id]])
  }

  func testWithoutThePermissionToLinkNobodyIsDeleted() throws {
    let scene = try Scene()
    let other = try Scene(subject: "7", email: "bob@example.com", in: scene.database)
    let (first, second) =
      scene.federated.id < other.federated.id ? (scene, other) : (other, scene)
    let before = try scene.database.everything()
    let denied = try ScriptedServer(
      first.lookedAt() + [Self.refused("AccessDeniedException")])
    let run = try link(scene.database, denied, "--all", "--delete-federated")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.output.contains("not linked: access denied"), run.output)
    XCTAssertTrue(run.output.contains("cognito-idp:AdminLinkProviderForUser"), run.output)
    XCTAssertTrue(run.output.hasSuffix("stopped: run it again for the others\n"), run.output)
    XCTAssertEqual(calls(denied), Self.looking + [Self.link])
    // What does not say that it is permitted deletes nobody, either: here of one, and of the next.
    let unclear = try ScriptedServer(
      first.lookedAt() + [Self.refused("NotAuthorizedException")] + second.lookedAt() + [
        Self.refused("AliasExistsException")
      ])
    let doubtful = try link(scene.database, unclear, "--all", "--delete-federated")
    XCTAssertEqual(doubtful.exitCode, 1)
    XCTAssertTrue(doubtful.output.contains("0 linked, 0 not, 2 failed"), doubtful.output)
    XCTAssertEqual(calls(unclear), Self.looking + [Self.link] + Self.looking + [Self.link])
    XCTAssertEqual(try scene.database.everything(), before)
    // It is asked once for a pool.
    let server = try ScriptedServer(
      first.lookedAt() + [Self.refused("InvalidParameterException"), Self.done, Self.done]
        + second.lookedAt() + [Self.done, Self.done])
    let both = try link(scene.database, server, "--all", "--delete-federated")
    XCTAssertEqual(both.exitCode, 0, both.output + both.errors)
    XCTAssertEqual(
      calls(server),
      Self.looking + [Self.link, "AdminDeleteUser", Self.link] + Self.looking + [
        "AdminDeleteUser", Self.link,
      ])
  }

  func testADeletionThatIsRefusedChangesNothing() throws {
    let scene = try Scene()
    let before = try scene.database.everything()
    for (type, text) in [
      ("AccessDeniedException", "cognito-idp:AdminDeleteUser"),
      ("NotAuthorizedException", "not deleted: "),
    ] {
      let server = try ScriptedServer(scene.lookedAt() + [Self.permitted, Self.refused(type)])
      let run = try link(scene.database, server, scene.native.id, "--delete-federated")
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertTrue((run.output + run.errors).contains(text), run.output + run.errors)
      XCTAssertEqual(calls(server), Self.looking + [Self.link, "AdminDeleteUser"])
    }
    XCTAssertEqual(try scene.database.everything(), before)
  }

  func testWhatIsInTheWayOfTheMergeIsToldAndMergeDoesItLater() throws {
    let scene = try Scene()
    try scene.database.execute(
      """
      ALTER TABLE posts ADD CONSTRAINT once UNIQUE (author, slot);
      INSERT INTO posts VALUES (4, '\(scene.native.id)', 1)
      """)
    let server = try ScriptedServer(scene.lookedAt() + [Self.permitted, Self.done, Self.done])
    let run = try link(scene.database, server, scene.native.id, "--delete-federated")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.output.contains("linked, the federated user deleted, NOT merged"), run.output)
    XCTAssertTrue(run.output.contains(#"public.posts (author), row {"id": 1}"#), run.output)
    let merge = "pooltable merge \(scene.federated.id) \(scene.native.id)"
    XCTAssertTrue(run.output.contains(merge), run.output)
    try scene.database.execute("DELETE FROM posts WHERE id = 4")
    XCTAssertEqual(
      try CommandRun.pooltable(
        ["merge", scene.federated.id, scene.native.id],
        environment: ["DATABASE_URL": scene.database.ownerURL]
      ).exitCode, 0)
  }

  func testEachPairStandsForItself() throws {
    let scene = try Scene()
    let other = try Scene(subject: "7", email: "bob@example.com", in: scene.database)
    let first = scene.federated.id < other.federated.id ? scene : other
    // Two natives, and two federated users, are no pairs.
    for (name, status) in [
      ("carl1", "CONFIRMED"), ("carl2", "CONFIRMED"), ("Google_8", "EXTERNAL_PROVIDER"),
      ("Apple_8", "EXTERNAL_PROVIDER"),
    ] {
      let user = try scene.database.addUser(name)
      try scene.database.query(
        "UPDATE cognito.users SET status = $1::text, email = $2::text WHERE id = $3::uuid",
        [status, status == "CONFIRMED" ? "carl@example.com" : "dan@example.com", user.id])
    }
    let server = try ScriptedServer(
      Array(repeating: Self.refused("InvalidParameterException"), count: 2))
    let run = try link(scene.database, server, "--dry-run")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertEqual(calls(server), ["AdminGetUser", "AdminGetUser"])
    XCTAssertTrue(run.output.hasSuffix("2 pairs: 0 could be linked, 0 not, 2 failed\n"), run.output)
    // What concerns everybody ends it, and so does a user who is deleted and not linked.
    for (steps, text) in [
      ([Self.refused("AccessDeniedException")], "cognito-idp:AdminGetUser"),
      (
        try first.lookedAt() + [
          Self.permitted, Self.done, Self.refused("NotAuthorizedException"),
        ],
        "is deleted and NOT linked"
      ),
    ] {
      let server = try ScriptedServer(steps)
      let end = try link(
        scene.database, server, "--all", "--delete-federated", "--user-pool-id", TestDatabase.pool)
      XCTAssertEqual(end.exitCode, 1)
      XCTAssertEqual(server.requests.count, steps.count, end.output)
      XCTAssertTrue(end.output.contains(text), end.output)
      XCTAssertTrue(
        end.output.hasSuffix("1 failed; stopped: run it again for the others\n"), end.output)
    }
  }

  func testADatabaseThatFailsAfterTheLinkIsToldWithWhatIsLeft() throws {
    let scene = try Scene()
    try scene.database.execute("ALTER FUNCTION cognito.merge_users RENAME TO elsewhere")
    let server = try ScriptedServer(scene.lookedAt() + [Self.permitted, Self.done, Self.done])
    let run = try link(scene.database, server, scene.native.id, "--delete-federated")
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.output.contains("linked, NOT merged: "), run.output)
    XCTAssertTrue(
      run.output.contains("what is left: pooltable merge \(scene.federated.id) \(scene.native.id)"),
      run.output)
    XCTAssertEqual(
      try scene.database.value(
        "SELECT deleted_at IS NOT NULL FROM cognito.users WHERE id = $1::uuid", [scene.federated.id]
      ),
      "t")
  }
}
