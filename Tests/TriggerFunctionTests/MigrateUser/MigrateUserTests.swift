import Clock
import CognitoTriggers
import LambdaRuntime
import PasswordHashes
import PasswordVerification
import Postgres
import Settings
import TestSupport
import UserTable
import XCTest

@testable import TriggerFunction

/// That unknown users cost the same work; what is answered to whom stands in BootstrapTests.
final class MigrateUserTests: XCTestCase {
  private static let bcrypt = "$2b$10$NhCPMwBoeQJ0hcdWrWVtxOmMYPPRQEEHB9BmxHXE0Dv8zLYnjFa8q"
  /// Of some twenty seconds.
  private static let slow = "pbkdf2:sha256:100000000$salt$000102030405060708090a0b0c0d0e0f"
  private static let scrypt = "scrypt:32768:8:1$salt$000102030405060708090a0b0c0d0e0f"

  /// What was computed, and nobody's password is right.
  private final class Work {
    var done: [HashScheme] = []
  }

  private func database() throws -> TestDatabase {
    let database = try TestDatabase()
    try database.execute(
      """
      CREATE OR REPLACE FUNCTION cognito.legacy_user(
        user_pool_id text, username text,
        OUT password_hash text, OUT attributes jsonb, OUT new_username text)
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      AS $$ SELECT h, '{"name": "A"}'::jsonb, NULL::text FROM (VALUES
        ('bcrypt', '\(Self.bcrypt)'), ('scrypt', '\(Self.scrypt)'),
        ('slow', '\(Self.slow)'), ('locked', '!'), ('odd', 'odd'),
        ('weak', 'md5$salt$000102030405060708090a0b0c0d0e0f')) AS u (n, h)
      WHERE n = username $$
      """)
    return database
  }

  private func migrateUser(
    _ database: TestDatabase, _ work: Work, _ environment: [String: String] = [:]
  ) throws -> MigrateUser {
    let settings = try XCTUnwrap(
      MigrationSettings(
        Environment(
          ["MIGRATE_USERS": "on", "MIGRATE_ATTEMPTS": "100/1m"].merging(environment) { $1 })))
    let store = UserStore(
      parameters: try ConnectionParameters(parsing: database.handlerURL), idleLimit: .seconds(300))
    return MigrateUser(store: store, settings: settings) { _, scheme in
      work.done.append(scheme)
      return false
    }
  }

  private func reason(
    _ name: String, _ migrateUser: MigrateUser, budget: Duration = .seconds(4)
  ) throws -> String? {
    let bytes = Array(
      #"{"triggerSource":"UserMigration_Authentication","userPoolId":"p_1","userName":"\#(name)","request":{"password":"p"},"response":{}}"#
        .utf8)
    let result = migrateUser.perform(
      for: try TriggerEvent(bytes),
      in: Invocation(requestID: "1", payload: bytes, deadline: nil), until: .after(budget))
    XCTAssertEqual(try result.answer.get(), .echo, name)
    return result.report.reason
  }

  func testWhoIsUnknownOrCannotBeVerifiedCostsWhatTheLastOneDid() throws {
    let database = try database()
    let work = Work()
    let migrateUser = try migrateUser(database, work)
    let names = ["nobody", "bcrypt", "nobody", "locked", "scrypt", "nobody", "odd", "weak"]
    let reasons = try names.map { try reason($0, migrateUser) }
    XCTAssertEqual(
      reasons,
      [
        "unknown user", "wrong password", "unknown user", "unknown user", "wrong password",
        "unknown user", "hash not verified", "hash not verified",
      ])
    let (bcrypt, scrypt) = (try StoredHash(Self.bcrypt).scheme, try StoredHash(Self.scrypt).scheme)
    XCTAssertEqual(work.done.count, names.count, "one hash for each, whoever it is")
    guard case .bcrypt(let first) = work.done.first else { return XCTFail("\(work.done)") }
    XCTAssertEqual(first.cost, 12, "before there was one")
    XCTAssertEqual(
      Array(work.done.dropFirst()), [bcrypt, bcrypt, bcrypt, scrypt, scrypt, scrypt, scrypt])
  }

  func testWhoHasTriedTooOftenCostsTheSame() throws {
    let work = Work()
    let database = try database()
    let migrateUser = try migrateUser(database, work, ["MIGRATE_ATTEMPTS": "1/1m"])
    XCTAssertEqual(
      try ["bcrypt", "bcrypt", "nobody", "nobody"].map { try reason($0, migrateUser) },
      ["wrong password", "too many attempts", "unknown user", "too many attempts"])
    let bcrypt = try StoredHash(Self.bcrypt).scheme
    XCTAssertEqual(work.done, [bcrypt, bcrypt, bcrypt, bcrypt])
  }

  func testAConfiguredHashIsWhatUnknownUsersCostFromTheFirstOn() throws {
    let work = Work()
    let database = try database()
    let migrateUser = try migrateUser(
      database, work, ["MIGRATE_DUMMY_HASH": Self.scrypt, "MIGRATE_WEAK_HASHES": "on"])
    for name in ["nobody", "weak", "nobody"] { _ = try reason(name, migrateUser) }
    let scrypt = try StoredHash(Self.scrypt).scheme
    XCTAssertEqual([work.done.first, work.done.last], [scrypt, scrypt])
    XCTAssertEqual(work.done.dropFirst().first?.isWeak, true)
  }

  func testWhatWouldOutlastTheBudgetOrHalfTheMemoryIsNotComputed() throws {
    let work = Work()
    let database = try database()
    for (memory, name, hash, budget) in [
      ("63", "scrypt", Self.scrypt, Duration.seconds(60)), ("1769", "slow", Self.slow, .seconds(4)),
    ] {
      let migrateUser = try migrateUser(
        database, work, ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE": memory, "MIGRATE_DUMMY_HASH": hash])
      XCTAssertEqual(try reason(name, migrateUser, budget: budget), "hash not verified")
      XCTAssertEqual(try reason("nobody", migrateUser, budget: budget), "unknown user")
    }
    XCTAssertEqual(work.done, [])
  }
}
