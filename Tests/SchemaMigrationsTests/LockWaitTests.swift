import Clock
import Foundation
import Postgres
import Synchronization
import TestSupport
import XCTest

@testable import SchemaMigrations

/// A migration that has to wait for a lock makes nobody else wait.
final class LockWaitTests: XCTestCase {
  /// One that takes a table away from everybody for a moment.
  private static let migrations =
    Migration.all + [
      Migration(version: 1000, name: "nickname", sql: "ALTER TABLE cognito.users ADD nickname text")
    ]

  private struct Run {
    var waits: [LockWait] = []
    var applied: [String] = []
    var error: MigrationError?
    var isOver = false
  }

  private final class Progress: Sendable {
    let run = Mutex(Run())
    var value: Run { run.withLock { $0 } }
  }

  /// Migrates in a thread of its own.
  private func migrate(
    _ database: TestDatabase, lockTimeout: Duration = .seconds(60)
  ) throws -> Progress {
    let progress = Progress()
    let migrator = Migrator(
      connection: try database.connect(), migrations: Self.migrations, lockTimeout: lockTimeout)
    inBackground {
      do throws(MigrationError) {
        try migrator.migrate(
          report: { migration in progress.run.withLock { $0.applied.append(migration.name) } },
          waiting: { wait in progress.run.withLock { $0.waits.append(wait) } })
      } catch {
        progress.run.withLock { $0.error = error }
      }
      progress.run.withLock { $0.isOver = true }
    }
    return progress
  }

  /// A session in a transaction that has read the users.
  private func reader(on database: TestDatabase) throws -> (connection: Connection, pid: Int) {
    let reader = try Connection.open(
      ConnectionParameters(parsing: database.ownerURL + "?application_name=report"),
      until: .after(.seconds(10)))
    try reader.execute(
      script: "BEGIN; SELECT FROM cognito.users", until: .after(.seconds(10)))
    let pid = try reader.query("SELECT pg_backend_pid()", until: .after(.seconds(10)))
    return (reader, try XCTUnwrap(pid.text(row: 0, column: 0).flatMap { Int($0) }))
  }

  func testNoEventWaitsWhileAReaderKeepsAMigrationWaiting() throws {
    let database = try TestDatabase()
    let function = try FunctionUnderTest(on: database)
    let event = TestEvent("PostConfirmation_ConfirmSignUp")
    XCTAssertTrue(try function.invoke(event).echoes(event.bytes))
    let (reader, pid) = try reader(on: database)

    let migration = try migrate(database)
    var slowest = Duration.zero
    var count = 0
    while migration.value.waits.count < 5, !migration.value.isOver {
      let answer = try function.invoke(event)
      XCTAssertTrue(answer.echoes(event.bytes))
      slowest = max(slowest, answer.elapsed)
      count += 1
    }
    XCTAssertLessThan(slowest, .seconds(2), "behind the reader it would be the budget's 4")
    XCTAssertGreaterThan(count, 20)
    for wait in migration.value.waits {
      XCTAssertEqual(wait.migration.name, "nickname")
      let holder = try XCTUnwrap(wait.holders.first { $0.pid == pid }, "\(wait.holders)")
      XCTAssertEqual(holder.application, "report")
      XCTAssertEqual(holder.state, "idle in transaction")
      XCTAssertEqual(holder.tables, "cognito.users")
      let since = try XCTUnwrap(holder.since)
      XCTAssertLessThan(since.duration(to: .now()), .seconds(60))
      XCTAssertGreaterThan(since.duration(to: .now()), .zero)
    }

    try reader.execute(script: "COMMIT", until: .after(.seconds(10)))
    try eventually("the migration's end") { migration.value.isOver }
    XCTAssertNil(migration.value.error)
    XCTAssertEqual(migration.value.applied, ["nickname"])
    XCTAssertEqual(
      try function.logLines().filter { $0["outcome"] as? String == "failed" }.count, 0)
  }

  func testTheLockTimeoutEndsItAndNamesWhoIsInTheWay() throws {
    let database = try TestDatabase()
    let (reader, pid) = try reader(on: database)
    let migration = try migrate(database, lockTimeout: .milliseconds(500))
    try eventually("the migration's end") { migration.value.isOver }
    guard case .locked(1000, "nickname", let holders)? = migration.value.error else {
      return XCTFail("\(migration.value)")
    }
    XCTAssertEqual(holders.map(\.pid), [pid])
    XCTAssertEqual(migration.value.applied, [])
    let text = try XCTUnwrap(migration.value.error).description
    XCTAssertTrue(text.contains("pid \(pid) (report, "), text)
    XCTAssertTrue(text.contains("--lock-timeout"), text)
    XCTAssertEqual(
      try Migrator(connection: database.owner, migrations: Self.migrations).status().last?.state,
      .pending)
    withExtendedLifetime(reader) {}
  }

  /// A login that may not see others' activity still learns which session it is.
  func testWhoIsInTheWayIsNamedToAnOwnerWhoIsNoSuperuser() throws {
    let database = try TestDatabase(migrated: false)
    let login = database.handlerLogin
    try database.execute(
      """
      CREATE ROLE \(login) LOGIN PASSWORD 'x';
      GRANT CREATE ON DATABASE \(database.name) TO \(login);
      """)
    let owner = try Connection.open(
      ConnectionParameters(parsing: database.url(user: login, password: "x")),
      until: .after(.seconds(10)))
    try Migrator(connection: owner).migrate()
    let (reader, pid) = try reader(on: database)
    let migrator = Migrator(
      connection: owner, migrations: Self.migrations, lockTimeout: .milliseconds(300))
    XCTAssertThrowsError(try migrator.migrate()) { error in
      guard case .locked(_, _, let holders)? = error as? MigrationError else {
        return XCTFail("\(error)")
      }
      XCTAssertEqual(holders.map(\.pid), [pid])
      XCTAssertEqual(holders.map(\.since), [nil])
    }
    withExtendedLifetime(reader) {}
  }

  func testAnotherRunIsWaitedForAndNamed() throws {
    let database = try TestDatabase(migrated: false)
    let rival = try database.connect()
    try rival.execute(
      script: "BEGIN; SELECT pg_advisory_xact_lock(\(0x70_6F6F_6C74_6162))",
      until: .after(.seconds(10)))
    let migration = try migrate(database)
    try eventually("a second wait") {
      migration.value.waits.count >= 2 || migration.value.isOver
    }
    let text = try XCTUnwrap(migration.value.waits.first, "\(migration.value)").description
    XCTAssertTrue(text.contains("which is migrating"), text)
    try rival.execute(script: "ROLLBACK", until: .after(.seconds(10)))
    try eventually("the migration's end") { migration.value.isOver }
    XCTAssertNil(migration.value.error)
    XCTAssertEqual(migration.value.applied, Self.migrations.map(\.name))
  }

  func testPausesGrowUntilTheEnd() {
    var patience = LockPatience(limit: .seconds(600))
    let pauses = (0..<8).map { _ in patience.pause()?.pause }
    XCTAssertEqual(
      pauses,
      [200, 400, 800, 1600, 3200, 5000, 5000, 5000].map { .milliseconds($0) })
    var none = LockPatience(limit: .zero)
    XCTAssertNil(none.pause())
    var short = LockPatience(limit: .milliseconds(20))
    XCTAssertLessThanOrEqual(short.pause()?.pause ?? .zero, .milliseconds(20))
    Deadline.after(.milliseconds(20)).sleep()
    XCTAssertNil(short.pause())
  }

  func testHowAHolderIsDescribed() {
    let holder = LockHolder(
      pid: 4711, user: "ada", application: "psql", state: "idle in transaction",
      since: Timestamp(microsecondsSinceEpoch: 1_764_050_412_345_678), tables: "cognito.users")
    XCTAssertEqual(
      "\(holder)",
      "pid 4711 (psql, user ada, idle in transaction, since 2025-11-25 06:00:12 UTC) on cognito.users"
    )
    XCTAssertEqual(
      "\(LockHolder(pid: 7, application: "", tables: "cognito.roles"))", "pid 7 on cognito.roles")
    XCTAssertEqual(
      "\(LockHolder(tables: "cognito.users"))",
      "a prepared transaction (see pg_prepared_xacts) on cognito.users")
  }
}
