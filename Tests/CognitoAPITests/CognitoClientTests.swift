import Clock
import CognitoAPI
import JSON
import Settings
import TestSupport
import XCTest

/// Every call, against moto.
final class CognitoClientTests: XCTestCase {
  private var soon: Deadline { .after(.seconds(60)) }

  private func makeClient() throws -> CognitoClient {
    try CognitoClient(environment: Environment(MotoServer.shared.environment), version: "test")
  }

  func testAttributesAreSetAndOthersStay() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool(customAttributes: ["userId"])
    let user = try moto.createUser(attributes: ["email": "ada@example.com"], in: pool)
    let value = "a\"b\\c\n😀 ü/é"

    try makeClient().updateAttributes(
      [("custom:userId", value), ("name", "Ada")], of: user.username, in: pool, until: soon)

    XCTAssertEqual(
      try moto.attributes(of: user.username, in: pool),
      ["sub": user.sub, "email": "ada@example.com", "custom:userId": value, "name": "Ada"])
  }

  func testAUserIsWhatCognitoHas() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let start = Timestamp.now()
    let name = "adfs_ad\\ada lovelace+1@example.com"
    let sub = try moto.createUser(name, attributes: ["email": "ada@example.com"], in: pool).sub

    let user = try makeClient().user(name, in: pool, until: soon)

    XCTAssertEqual(user.username, name)
    XCTAssertEqual(
      user.attributes, ["sub": .string(sub), "email": .string("ada@example.com")])
    XCTAssertEqual(user.status, "FORCE_CHANGE_PASSWORD")
    XCTAssertEqual(user.isEnabled, true)
    let created = try XCTUnwrap(user.createdAt)
    // Cognito's times end at milliseconds.
    XCTAssertGreaterThan(start.duration(to: created), .milliseconds(-2))
    XCTAssertLessThan(created.duration(to: .now()), .seconds(60))
    XCTAssertLessThanOrEqual(created, try XCTUnwrap(user.lastModifiedAt))
  }

  func testEveryUserIsListedOnceOverAllPages() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let subs = try (0..<25).map { try moto.createUser("user\($0)", in: pool).sub }
    let client = try makeClient()

    var pages: [[CognitoUser]] = []
    var token: String?
    repeat {
      let page = try client.listUsers(in: pool, limit: 10, after: token, until: soon)
      pages.append(try page.users.map { try $0.get() })
      token = page.nextToken
    } while token != nil

    XCTAssertEqual(pages.map(\.count), [10, 10, 5])
    let users = pages.flatMap(\.self)
    XCTAssertEqual(Set(users.map(\.username)), Set((0..<25).map { "user\($0)" }))
    XCTAssertEqual(Set(users.compactMap { $0.attributes["sub"]?.string }), Set(subs))
    XCTAssertEqual(try client.listUsers(in: pool, until: soon).users.count, 25)
  }

  func testAnEmptyPoolIsAnEmptyPage() throws {
    let page = try makeClient().listUsers(in: MotoServer.shared.createUserPool(), until: soon)
    XCTAssertTrue(page.users.isEmpty)
    XCTAssertNil(page.nextToken)
  }

  func testMembershipsAreMadeAndEndedAsOftenAsOneLikes() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let user = try moto.createUser(in: pool).username
    let client = try makeClient()
    for group in ["editors", "Über/Ädmins 😀"] {
      try client.createGroup(group, in: pool, until: soon)
      for _ in 1...2 { try client.addUser(user, toGroup: group, in: pool, until: soon) }
    }
    XCTAssertEqual(
      Set(try client.groups(of: user, in: pool, until: soon)), ["editors", "Über/Ädmins 😀"])

    for _ in 1...2 { try client.removeUser(user, fromGroup: "editors", in: pool, until: soon) }

    XCTAssertEqual(try client.groups(of: user, in: pool, until: soon), ["Über/Ädmins 😀"])
    XCTAssertEqual(try moto.groups(of: user, in: pool), ["Über/Ädmins 😀"])
  }

  func testEveryGroupIsListedOverAllPages() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let user = try moto.createUser(in: pool).username
    let names = (0..<130).map { "group\($0)" }
    for name in names {
      try moto.createGroup(name, in: pool)
      try moto.addUser(user, toGroup: name, in: pool)
    }
    let listed = try makeClient().groups(of: user, in: pool, until: soon)
    XCTAssertEqual(listed.sorted(), names.sorted())
  }

  func testWhatIsNotThereHasErrorsOfItsOwn() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let noPool = try XCTUnwrap(UserPoolID("eu-central-1_Nowhere"))
    let user = try moto.createUser(in: pool).username
    try moto.createGroup("there", in: pool)
    let (client, soon) = (try makeClient(), soon)

    let rows: [(CognitoError, () throws(CognitoError) -> Void)] = [
      (
        .userNotFound,
        { () throws(CognitoError) in _ = try client.user("nobody", in: pool, until: soon) }
      ),
      (
        .userNotFound,
        { () throws(CognitoError) in _ = try client.groups(of: "nobody", in: pool, until: soon) }
      ),
      (
        .userNotFound,
        { () throws(CognitoError) in
          try client.addUser("nobody", toGroup: "there", in: pool, until: soon)
        }
      ),
      (
        .userNotFound,
        { () throws(CognitoError) in
          try client.updateAttributes([("name", "x")], of: "nobody", in: pool, until: soon)
        }
      ),
      (
        .resourceNotFound,
        { () throws(CognitoError) in
          try client.addUser(user, toGroup: "absent", in: pool, until: soon)
        }
      ),
      (
        .resourceNotFound,
        { () throws(CognitoError) in
          try client.removeUser(user, fromGroup: "absent", in: pool, until: soon)
        }
      ),
      (
        .resourceNotFound,
        { () throws(CognitoError) in _ = try client.listUsers(in: noPool, until: soon) }
      ),
      (
        .resourceNotFound,
        { () throws(CognitoError) in try client.createGroup("x", in: noPool, until: soon) }
      ),
      (
        .groupExists,
        { () throws(CognitoError) in try client.createGroup("there", in: pool, until: soon) }
      ),
    ]
    for (index, row) in rows.enumerated() {
      XCTAssertThrowsError(try row.1(), "row \(index)") {
        XCTAssertEqual($0 as? CognitoError, row.0, "row \(index)")
      }
    }
  }

  /// The listing that `pooltable reconcile --from` reads is made by AWS's own command.
  func testUsersAreReadFromWhatTheAWSCommandPrints() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    for name in ["ada", "grace"] { try moto.createUser(name, in: pool) }
    let asked = try makeClient().listUsers(in: pool, until: soon)
    let command = URL(fileURLWithPath: try TestEnvironment.variable("POOLTABLE_TEST_PYTHON"))
      .deletingLastPathComponent().appendingPathComponent("aws")
    // As version 2 of the command does by itself.
    let settings = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try "[default]\ncli_timestamp_format = iso8601\n"
      .write(to: settings, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: settings) }

    for extra in [[:], ["AWS_CONFIG_FILE": settings.path]] {
      let run = try CommandRun.run(
        command,
        ["cognito-idp", "list-users", "--user-pool-id", pool.text, "--output", "json"],
        moto.environment.merging(extra) { $1 }.merging(["AWS_DEFAULT_REGION": MotoServer.region]) {
          $1
        })
      XCTAssertEqual(run.exitCode, 0, run.errors)
      let document = try JSONValue(parsing: Array(run.output.utf8))
      guard case .array(let users)? = document.object?["Users"] else { return XCTFail(run.output) }
      XCTAssertEqual(try users.map { try CognitoUser($0) }, try asked.users.map { try $0.get() })
    }
  }
}
