import Clock
import Foundation
import TestSupport
import UserTable
import XCTest

/// The sessions of the command's README, run as they stand.
final class CommandDocumentTests: XCTestCase {
  private func check(
    _ beginning: String, _ database: TestDatabase, _ environment: [String: String] = [:],
    files: [String: String] = [:], line: UInt = #line
  ) throws {
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: beginning)
    let own = ["DATABASE_URL": database.ownerURL]
    XCTAssertEqual(
      try session.differences(own.merging(environment) { $1 }, files: files), [], line: line)
  }

  /// Runs what cron runs, which stands behind the five fields of a line, by the shell that cron takes.
  ///
  /// - Parameter names: what the environment has other names for than the page.
  /// - Returns: one run a line.
  private func runCron(
    beginning: String, _ database: TestDatabase, _ environment: [String: String] = [:],
    names: [String: String] = [:], before: String = "", runBy file: String = #fileID
  ) throws -> [CommandRun] {
    let fence = try DocumentedFence(
      in: "Sources/CommandLine/README.md", beginning: beginning, runBy: file)
    return try fence.text.split(separator: "\n").map { line in
      var command = line.split(separator: " ", maxSplits: 5).last.map(String.init) ?? ""
      for (name, other) in names { command = command.replacingOccurrences(of: name, with: other) }
      return try CommandRun.shell(
        "/bin/sh", before + command,
        environment.merging(["DATABASE_URL": database.ownerURL]) { $1 })
    }
  }

  func testMigrate() throws {
    let database = try TestDatabase(migrated: false)
    // Roles are the whole server's.
    defer { try? database.execute("DROP OWNED BY lambda; DROP ROLE lambda") }
    try check(#"psql "$DATABASE_URL" -qc 'CREATE ROLE lambda"#, database)
  }

  func testReconcile() throws {
    let moto = try MotoServer.shared
    let (database, pool) = (try TestDatabase(), try moto.createUserPool())
    func create(_ names: String...) throws {
      for name in names {
        try moto.createUser(name, attributes: ["email": "\(name)@example.com"], in: pool)
      }
    }
    let environment = moto.sessionEnvironment.merging(["pool": pool.text]) { $1 }
    try create("ada", "bob")
    _ = try CommandRun.pooltable(
      ["reconcile", "--user-pool-id", pool.text],
      environment: environment.merging(["DATABASE_URL": database.ownerURL]) { $1 })
    try database.execute(
      """
      UPDATE cognito.users SET email = 'old@example.com', observed_at = '2026-01-01Z' WHERE username = 'ada'
      """)
    try create("carl", "dan")
    try check("pooltable reconcile", database, environment)

    try create("eve")
    for (code, inserted) in [(2 as Int32, 1), (0, 0)] {
      let runs = try runCron(
        beginning: "17 3 * * *  pooltable reconcile", database, environment,
        names: ["eu-central-1_a1B2c3D4e": pool.text])
      XCTAssertEqual(runs.map(\.exitCode), [code], "\(runs)")
      XCTAssertTrue(runs[0].output.contains(#""inserted":\#(inserted),"#), "\(runs)")
    }
  }

  /// Writes down a run of `reconcile` that has found this.
  private func finishRun(_ database: TestDatabase, pool: String, counts: String) throws {
    let run = try database.value(
      """
      INSERT INTO cognito.reconciliations (user_pool_id, source, options, observed_at)
      VALUES ($1::text, 'ListUsers', 'run', now()) RETURNING id
      """, [pool])
    _ = try database.owner.run(
      FinishReconciliation(try XCTUnwrap(run), counts: counts, isWhole: true),
      until: .after(.seconds(10)))
  }

  func testStatus() throws {
    let (database, pool) = (try TestDatabase(), "eu-central-1_a1B2c3D4e")
    _ = try database.addUser("ada", pool: pool)
    try finishRun(
      database, pool: pool, counts: #"{"listed":12345,"inserted":2,"signInsWithoutRow":0}"#)
    try database.execute(
      """
      UPDATE cognito.reconciliations
      SET started_at = now() - interval '12 h 20 min', finished_at = now() - interval '12 h 10 min';
      UPDATE cognito.users SET updated_at = now() - interval '190 s', last_sign_in_at = now() - interval '130 s';
      UPDATE cognito.role_outbox SET created_at = now() - interval '70 s'
      """)
    try check("pooltable status", database)
  }

  func testCronAlertsWhereTheRunIsTooOldOrATriggerIsMissing() throws {
    let (database, pool) = (try TestDatabase(), "eu-central-1_a1B2c3D4e")
    _ = try database.addUser("ada", pool: pool)
    func expect(_ tooOld: String, _ missing: String, line: UInt = #line) throws {
      let runs = try runCron(
        beginning: "*/15 * * * *  pooltable status", database,
        before: #"alert() { echo "alert: $1"; }; "#)
      XCTAssertEqual(runs.map(\.output), ["", missing], line: line)
      XCTAssertEqual(runs.map(\.exitCode), [tooOld.isEmpty ? 0 : 1, 0], line: line)
      XCTAssertEqual(runs.last?.errors, "", line: line)
      XCTAssertEqual(
        runs.first?.errors.isEmpty, tooOld.isEmpty, runs.first?.errors ?? "", line: line)
      XCTAssertTrue(runs.first?.errors.contains(tooOld) ?? false || tooOld.isEmpty, line: line)
    }
    try expect("never reconciled", "")
    try finishRun(database, pool: pool, counts: #"{"listed":1,"signInsWithoutRow":0}"#)
    try expect("", "")
    // Beside a pool that no run was for.
    _ = try database.addUser("bob", pool: "eu-central-1_other")
    try expect("never reconciled", "")
    try finishRun(database, pool: pool, counts: #"{"listed":1,"signInsWithoutRow":1}"#)
    try expect("never reconciled", "alert: a trigger is missing\n")
  }

  func testForget() throws {
    let database = try TestDatabase()
    for name in ["ada", "bob"] { _ = try database.addUser(name, deletedDaysAgo: 40) }
    let eve = try database.addUser("eve", deletedDaysAgo: 1)
    try check("pooltable forget", database, ["id": eve.id])
    _ = try database.addUser("carl", deletedDaysAgo: 31)
    let runs = try runCron(beginning: "47 3 * * *  pooltable forget", database)
    XCTAssertEqual(runs.map(\.exitCode), [0], "\(runs)")
    XCTAssertTrue(runs[0].output.contains(#""forgotten":1,"#), "\(runs)")
  }

  func testMerge() throws {
    let database = try TestDatabase()
    let (old, new) = (try database.addUser("ada", deletedDaysAgo: 1), try database.addUser("bob"))
    try database.execute(
      """
      UPDATE cognito.users SET email = 'ada@example.com';
      CREATE TABLE posts (id integer PRIMARY KEY, author uuid REFERENCES cognito.users);
      INSERT INTO posts SELECT i, '\(old.id)' FROM generate_series(1, 12) AS i
      """)
    try check(
      #"psql "$DATABASE_URL" -xc 'SELECT older_id"#, database, ["old": old.id, "new": new.id])
  }

  func testMergeWhereThePoolHasMoved() throws {
    let database = try TestDatabase()
    let old = try database.addUser("ada", pool: "eu-central-1_old")
    for sub in [old.sub, "0b9c1f6e-3a52-4c0e-8f0b-5d1c2a7e9b14"] {
      let new = try database.addUser("new")
      try database.query(
        "UPDATE cognito.users SET attributes = jsonb_build_object('custom:legacySub', $1::text) WHERE id = $2::uuid",
        [sub, new.id])
    }
    try database.execute(
      """
      CREATE TABLE posts (id integer PRIMARY KEY, author uuid REFERENCES cognito.users);
      INSERT INTO posts SELECT i, '\(old.id)' FROM generate_series(1, 12) AS i
      """)
    try check("pooltable merge --by", database)
  }

  func testTokensAndTheirKeys() throws {
    let moto = try MotoServer.shared
    let (database, pool) = (try TestDatabase(), try moto.createUserPool())
    let (client, password) = (try moto.createClient(in: pool), "Some-Password-1")
    try moto.signUp("ada", password: password, attributes: [:], client: client)
    try moto.confirmSignUp("ada", client: client)
    try moto.createGroup("staff", in: pool)
    try moto.addUser("ada", toGroup: "staff", in: pool)
    let sub = try moto.attributes(of: "ada", in: pool)["sub"]
    try database.query(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, enabled, observed_at)
      VALUES ($1::text, $2::uuid, 'ada', false, now())
      """, [pool.text, sub])
    let own = ["pool": pool.text, "client": client]
    let environment = moto.sessionEnvironment.merging(own) { $1 }
    let token = try moto.signIn("ada", password: password, client: client)
    try check("pooltable verify", database, environment, files: ["token": token])
    try check("pooltable jwks", database, environment)
  }
}
