import Foundation
import TestSupport
import XCTest

/// `pooltable merge --by`, as somebody runs it whose pool has moved.
final class MergeMovedUsersTests: XCTestCase {
  private let oldPool = "eu-central-1_Old000001"
  private let newPool = "eu-central-1_New000001"

  private func merge(
    _ database: TestDatabase, _ arguments: [String] = [], by: String = "attribute:custom:legacySub"
  ) throws -> CommandRun {
    try CommandRun.pooltable(
      ["merge", "--by", by] + arguments, environment: ["DATABASE_URL": database.ownerURL])
  }

  /// A user of the new pool who names somebody.
  private func add(_ name: String, naming sub: String, to database: TestDatabase) throws -> TestUser
  {
    let user = try database.addUser(name, pool: newPool)
    try database.query(
      """
      UPDATE cognito.users SET attributes = jsonb_build_object('custom:legacySub', $1::text) WHERE id = $2::uuid
      """, [sub, user.id])
    return user
  }

  /// Ada and Bob of the old pool with three posts and one, and both again in the new one.
  private func makeDatabase() throws -> (TestDatabase, old: [TestUser], new: [TestUser]) {
    let database = try TestDatabase()
    let old = try ["ada", "bob"].map { try database.addUser($0, pool: oldPool) }
    let new = try zip(["ada2", "bob2"], old).map {
      try add($0, naming: $1.sub, to: database)
    }
    try database.execute(
      """
      CREATE TABLE posts (id serial PRIMARY KEY, author uuid REFERENCES cognito.users);
      INSERT INTO posts (author) SELECT '\(old[0].id)' FROM generate_series(1, 3);
      INSERT INTO posts (author) VALUES ('\(old[1].id)')
      """)
    return (database, old, new)
  }

  func testEverybodyOfThePoolTakesTheirOwnPlace() throws {
    let (database, old, new) = try makeDatabase()
    let before = try database.everything()
    let rehearsal = try merge(database, ["--dry-run"])
    XCTAssertEqual(rehearsal.exitCode, 0, rehearsal.errors)
    func lines(_ text: String) -> Set<String> {
      Set(text.split(separator: "\n").map(String.init))
    }
    XCTAssertEqual(
      lines(rehearsal.output),
      [
        "\(old[0].id) would be merged into \(new[0].id): 6 rows would be moved",
        "\(old[1].id) would be merged into \(new[1].id): 4 rows would be moved",
        "2 users: 2 would be merged, 0 had been before, 0 left alone",
      ])
    XCTAssertEqual(try database.everything(), before)

    let run = try merge(database)
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(
      lines(run.output),
      [
        "\(old[0].id) merged into \(new[0].id): 6 rows moved",
        "\(old[1].id) merged into \(new[1].id): 4 rows moved",
        "2 users: 2 merged, 0 had been before, 0 left alone",
      ])
    XCTAssertEqual(
      try database.query("SELECT DISTINCT author FROM posts ORDER BY 1").map(\.first),
      new.map(\.id).sorted())

    let after = try database.everything()
    let again = try merge(database)
    XCTAssertEqual(again.exitCode, 0, again.errors)
    XCTAssertEqual(again.output, "2 users: 0 merged, 2 had been before, 0 left alone\n")
    XCTAssertEqual(try database.everything(), after)
    // What comes to reference the old row later follows.
    try database.execute("INSERT INTO posts (author) VALUES ('\(old[1].id)')")
    XCTAssertEqual(
      lines(try merge(database).output),
      [
        "\(old[1].id) merged into \(new[1].id): 1 row moved",
        "2 users: 1 merged, 1 had been before, 0 left alone",
      ])
  }

  func testATerminalSaysWhatIsWaitedFor() throws {
    let (database, _, _) = try makeDatabase()
    let pooltable = TestEnvironment.products.appendingPathComponent("pooltable").path
    // Standard error of what it runs is a terminal, and so is standard output.
    let run = try CommandRun.run(
      URL(fileURLWithPath: "/usr/bin/script"),
      [
        "--quiet", "--return", "--command",
        "'\(pooltable)' merge --by attribute:custom:legacySub --dry-run", "/dev/null",
      ], ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 0, run.output + run.errors)
    XCTAssertTrue(
      run.output.hasPrefix("\r\u{1B}[Kpairing users by custom:legacySub …\r\u{1B}[K"), run.output)
    XCTAssertTrue(run.output.contains("2 users: 2 would be merged"), run.output)
  }

  func testWhoIsInDoubtIsToldAndTheOthersAreMerged() throws {
    let (database, old, new) = try makeDatabase()
    let secret = String(repeating: "ada@example.com ", count: 65_536)
    let (huge, third) = (
      try add("huge", naming: secret, to: database),
      try add("third", naming: old[1].sub, to: database)
    )
    let disabled = try database.addUser("disabled", pool: newPool)
    let carl = try database.addUser("carl", pool: oldPool)
    try database.query(
      """
      UPDATE cognito.users SET enabled = false, attributes = jsonb_build_object('custom:legacySub', $1::text)
      WHERE id = $2::uuid
      """, [carl.sub, disabled.id])
    let run = try merge(database, ["--json"])
    XCTAssertEqual(run.exitCode, 1)
    let errors = run.errors.split(separator: "\n").map(String.init)
    XCTAssertEqual(errors.count, 4, run.errors)
    for text in [
      "refused: the attribute custom:legacySub of \(huge.id) holds no sub",
      "refused: \(new[1].id) is not the only one who names the sub \(old[1].sub)",
      "refused: \(third.id) is not the only one", "refused: \(disabled.id) is disabled",
    ] {
      XCTAssertTrue(run.errors.contains(text), "\(text) in \(run.errors)")
    }
    XCTAssertFalse((run.errors + run.output).contains("example.com"))
    let output = run.output.split(separator: "\n").map(String.init)
    XCTAssertEqual(output.count, 6, run.output)
    XCTAssertEqual(
      output.last, #"{"complete":false,"dryRun":false,"left":4,"merged":1,"unchanged":0}"#)
    for line in [
      #"{"merged":false,"new":"\#(huge.id)","problem":"no_sub"}"#,
      #"{"merged":false,"new":"\#(third.id)","oldSub":"\#(old[1].sub)","problem":"several_new"}"#,
      #"{"dryRun":false,"merged":false,"moved":[],"new":"\#(disabled.id)","old":"\#(carl.id)","#
        + #""problems":[{"problem":"new_disabled"}]}"#,
    ] {
      XCTAssertTrue(output.contains(line), "\(line) in \(run.output)")
    }
    XCTAssertEqual(
      try database.query("SELECT username FROM cognito.users WHERE merged_into IS NOT NULL"),
      [["ada"]])
  }

  /// To everybody's the same: nobody waits for a million refusals.
  func testWhatIsInTheWayOfEverybodyEndsTheRun() throws {
    let (database, _, _) = try makeDatabase()
    try database.execute(
      """
      ALTER TABLE cognito.users ADD UNIQUE (id, user_pool_id);
      CREATE TABLE two (u uuid, p text, CONSTRAINT by_both FOREIGN KEY (u, p) REFERENCES cognito.users (id, user_pool_id))
      """)
    let before = try database.everything()
    let run = try merge(database)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("public.two (u, p): foreign key by_both"), run.errors)
    XCTAssertEqual(
      run.output,
      "1 user: 0 merged, 0 had been before, 1 left alone; stopped: run it again for the others\n")
    XCTAssertEqual(try database.everything(), before)
  }

  /// The old pool is still there, and somebody lists it.
  func testAListingOfTheOldPoolBringsNobodyBack() throws {
    let (database, old, _) = try makeDatabase()
    XCTAssertEqual(try merge(database).exitCode, 0)
    let after = try database.everything()
    let listed = old.map { user in
      """
      {"Username":"late","Attributes":[{"Name":"sub","Value":"\(user.sub)"}],"Enabled":true,\
      "UserStatus":"CONFIRMED","UserCreateDate":1760000000,"UserLastModifiedDate":1790000000}
      """
    }
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("moved-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(#"{"Users":[\#(listed.joined(separator: ","))]}"#.utf8).write(to: file)
    let run = try CommandRun.pooltable(
      ["reconcile", "--user-pool-id", oldPool, "--from", file.path, "--settle", "0"],
      environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(run.exitCode, 3, run.errors)
    XCTAssertTrue(run.output.contains("2 stale"), run.output)
    func rows(_ text: String) -> String? {
      text.split(separator: "\n").first { $0.hasPrefix("cognito.users:") }.map(String.init)
    }
    XCTAssertEqual(rows(try database.everything()), rows(after))
  }

  func testASlipOfThePenIsTold() throws {
    let (database, _, _) = try makeDatabase()
    let before = try database.everything()
    for (by, arguments) in [
      ("attribute:custom:legacysub", []), ("attribute:'; DROP TABLE posts; --", []),
      ("attribute:custom:legacySub", ["--user-pool-id", oldPool]),
    ] {
      let run = try merge(database, arguments, by: by)
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertTrue(run.errors.contains("no live user"), run.errors)
    }
    for (by, arguments) in [
      ("custom:legacySub", []), ("attribute:", []), ("column:sub", []),
      ("attribute:x", ["0b9c1f6e-3a52-4c0e-8f0b-5d1c2a7e9b14"]),
      ("attribute:x", ["--from-user-pool-id", "old"]),
    ] {
      XCTAssertEqual(try merge(database, arguments, by: by).exitCode, 64, "\(by) \(arguments)")
    }
    let alone = try CommandRun.pooltable(
      [
        "merge", "0b9c1f6e-3a52-4c0e-8f0b-5d1c2a7e9b14", "7f3d2c1b-6e5a-4d8c-9b0a-1f2e3d4c5b6a",
        "--from-user-pool-id", oldPool,
      ], environment: ["DATABASE_URL": database.ownerURL])
    XCTAssertEqual(alone.exitCode, 64, alone.errors)
    XCTAssertEqual(try database.everything(), before)
  }

  /// Who waits for a lock tells what was done before, and who holds it is not waited for any longer.
  func testALockEndsTheRunWhichMayBeRunAgain() throws {
    let (database, old, new) = try makeDatabase()
    let last = zip(old, new).max { $0.1.id < $1.1.id }
    try database.execute("ALTER FUNCTION cognito.merge_users SET lock_timeout = '100ms'")
    let other = try database.connect()
    try other.execute(
      script:
        "BEGIN; SELECT FROM cognito.users WHERE id = '\(try XCTUnwrap(last).0.id)' FOR UPDATE",
      until: .after(.seconds(10)))
    let run = try merge(database)
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("1 user had been merged before it failed"), run.errors)
    XCTAssertTrue(run.errors.contains("55P03"), run.errors)
    try other.execute(script: "ROLLBACK", until: .after(.seconds(10)))
    XCTAssertEqual(
      try merge(database).output.split(separator: "\n").last,
      "2 users: 1 merged, 1 had been before, 0 left alone")
  }
}
