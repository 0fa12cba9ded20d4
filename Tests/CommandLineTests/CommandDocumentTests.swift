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
  }

  func testStatus() throws {
    let (database, pool) = (try TestDatabase(), "eu-central-1_a1B2c3D4e")
    _ = try database.addUser("ada", pool: pool)
    let run = try database.value(
      """
      INSERT INTO cognito.reconciliations (user_pool_id, source, options, observed_at)
      VALUES ($1::text, 'ListUsers', 'run', now()) RETURNING id
      """, [pool])
    _ = try database.owner.run(
      FinishReconciliation(
        try XCTUnwrap(run), counts: #"{"listed":12345,"inserted":2,"signInsWithoutRow":0}"#,
        isWhole: true), until: .after(.seconds(10)))
    try database.execute(
      """
      UPDATE cognito.reconciliations
      SET started_at = now() - interval '12 h 20 min', finished_at = now() - interval '12 h 10 min';
      UPDATE cognito.users SET updated_at = now() - interval '190 s', last_sign_in_at = now() - interval '130 s';
      UPDATE cognito.role_outbox SET created_at = now() - interval '70 s'
      """)
    try check("pooltable status", database)
  }

  func testForget() throws {
    let database = try TestDatabase()
    for name in ["ada", "bob"] { _ = try database.addUser(name, deletedDaysAgo: 40) }
    let eve = try database.addUser("eve", deletedDaysAgo: 1)
    try check("pooltable forget", database, ["id": eve.id])
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
