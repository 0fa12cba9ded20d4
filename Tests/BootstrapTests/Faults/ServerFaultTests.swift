import Clock
import Foundation
import LocalLambda
import Postgres
import TestSupport
import XCTest

/// Faults of PostgreSQL itself, played by a real server.
final class ServerFaultTests: XCTestCase {
  private func trial(
    _ fault: String, _ database: TestDatabase, environment: [String: String] = [:],
    temperatures: [FaultTrial.Temperature] = [.warm, .cold], logged: String? = nil,
    hitsIdleProcess: Bool = false, userExists: Bool = false, mustBeWritten: Bool = false,
    inject: @escaping () throws -> Void,
    heal: @escaping () throws -> Void
  ) throws {
    try FaultTrial(
      fault: fault, database: database, databaseURL: database.handlerURL,
      environment: environment, temperatures: temperatures, inject: inject, heal: heal,
      logged: logged, hitsIdleProcess: hitsIdleProcess, userExists: userExists,
      mustBeWritten: mustBeWritten
    ).play()
  }

  private func terminateHandlers(of database: TestDatabase) throws {
    try database.execute(
      """
      SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
      WHERE usename = '\(database.handlerLogin)'
      """)
  }

  func testATerminatedBackendCostsNobodyAnything() throws {
    let database = try TestDatabase()
    try trial(
      "backend terminated while idle", database, hitsIdleProcess: true, mustBeWritten: true,
      inject: { try self.terminateHandlers(of: database) }, heal: {})
  }

  func testABackendTerminatedInTheMiddleOfAStatementIsTriedAgain() throws {
    let database = try TestDatabase()
    let rival = try database.connect()
    try trial(
      "backend terminated during the query", database, mustBeWritten: true,
      inject: {
        // Holds every insert up until the backend has been ended.
        try rival.execute(
          script: "BEGIN; LOCK TABLE cognito.users IN SHARE MODE", until: .after(.seconds(5)))
        inBackground(after: .milliseconds(400)) {
          try? self.terminateHandlers(of: database)
          try? rival.execute(script: "ROLLBACK", until: .after(.seconds(5)))
        }
      }, heal: {})
  }

  func testALockHeldLongerThanTheBudget() throws {
    let database = try TestDatabase()
    var rival: Connection?
    try trial(
      "row locked for longer than the budget", database, logged: "55P03", userExists: true,
      inject: {
        rival = try database.connect()
        try rival?.execute(
          script: "BEGIN; SELECT FROM cognito.users FOR UPDATE", until: .after(.seconds(5)))
      },
      heal: { rival = nil })
    withExtendedLifetime(rival) {}
  }

  func testAStatementTimeout() throws {
    let database = try TestDatabase()
    let rival = try database.connect()
    try database.execute("ALTER ROLE \(database.handlerLogin) SET statement_timeout = '300ms'")
    try database.execute(
      "ALTER ROLE \(database.handlerLogin) IN DATABASE \(database.name) RESET statement_timeout")
    try trial(
      "statement_timeout", database, logged: "57014",
      inject: {
        try rival.execute(
          script: "BEGIN; LOCK TABLE cognito.users IN SHARE MODE", until: .after(.seconds(5)))
      },
      heal: { try rival.execute(script: "ROLLBACK", until: .after(.seconds(5))) })
  }

  func testADeadlockIsTriedAgain() throws {
    let database = try TestDatabase()
    // The handler takes the table's lock first and this one second, the rival the other way round;
    // the handler is the one that looks for deadlocks, and so the one that is ended.
    try database.execute(
      """
      CREATE FUNCTION public.take_lock() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NEW; END';
      CREATE TRIGGER take_lock BEFORE INSERT ON cognito.users
        FOR EACH ROW EXECUTE FUNCTION public.take_lock();
      ALTER ROLE \(database.handlerLogin) SET deadlock_timeout = '100ms';
      """)
    try trial(
      "deadlock", database, mustBeWritten: true,
      inject: {
        let rival = try database.connect()
        try rival.execute(
          script: "SET deadlock_timeout = '1min'; BEGIN; SELECT pg_advisory_xact_lock(42)",
          until: .after(.seconds(5)))
        try database.whenALockIsWaitedFor {
          try? rival.execute(
            script: "LOCK TABLE cognito.users IN SHARE MODE; ROLLBACK", until: .after(.seconds(8)))
        }
      },
      heal: { try database.execute("SELECT 1") })
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    try eventually("a deadlock is played") { try database.value(deadlocks) != "0" }
  }

  func testTooManyConnections() throws {
    let database = try TestDatabase()
    try trial(
      "too many connections", database, logged: "53300",
      inject: {
        try database.execute("ALTER ROLE \(database.handlerLogin) CONNECTION LIMIT 0")
        try self.terminateHandlers(of: database)
      },
      heal: { try database.execute("ALTER ROLE \(database.handlerLogin) CONNECTION LIMIT -1") })
  }

  func testAReadOnlyServer() throws {
    let database = try TestDatabase()
    try trial(
      "read-only server", database, logged: "read-only",
      inject: {
        try database.execute(
          "ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
        try self.terminateHandlers(of: database)
      },
      heal: {
        let owner = try database.connect()
        try owner.execute(
          script: """
            SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;
            """, until: .after(.seconds(5)))
        try owner.execute(
          script: "ALTER DATABASE \(database.name) RESET default_transaction_read_only",
          until: .after(.seconds(5)))
      })
  }

  func testWhatAnOperatorMustMendIsNamedInTheLog() throws {
    let faults: [(String, String, (TestDatabase) -> String, (TestDatabase) -> String)] = [
      (
        "wrong password", "check the user and the password",
        { "ALTER ROLE \($0.handlerLogin) PASSWORD 'other'" },
        { "ALTER ROLE \($0.handlerLogin) PASSWORD '\($0.handlerPassword)'" }
      ),
      (
        "missing schema", "run 'pooltable migrate'",
        { _ in "ALTER SCHEMA cognito RENAME TO gone" },
        { _ in "ALTER SCHEMA gone RENAME TO cognito" }
      ),
      (
        "missing grant", "--handler-role",
        { "REVOKE EXECUTE ON FUNCTION cognito.sync_user FROM \($0.handlerLogin)" },
        { "GRANT EXECUTE ON FUNCTION cognito.sync_user TO \($0.handlerLogin)" }
      ),
      (
        "database too old a migration", "run 'pooltable migrate'",
        { _ in "ALTER FUNCTION cognito.sync_user RENAME TO sync_user_of_old" },
        { _ in "ALTER FUNCTION cognito.sync_user_of_old RENAME TO sync_user" }
      ),
    ]
    for (fault, remedy, inject, heal) in faults {
      let database = try TestDatabase()
      try trial(
        fault, database, logged: remedy,
        inject: {
          try database.execute(inject(database))
          try self.terminateHandlers(of: database)
        },
        heal: { try database.execute(heal(database)) })
    }
  }

  func testAServerThatRestartsBetweenAndDuringInvocations() throws {
    let server = try ServerUnderTest("restart")
    let database = try TestDatabase(on: server)
    try trial(
      "server restarted between invocations", database, hitsIdleProcess: true,
      mustBeWritten: true, inject: { try server.restart() }, heal: {})
    try trial(
      "server stopped (immediate)", database,
      inject: { try server.stop(mode: "immediate") }, heal: { try server.start() })
    // A rival's lock holds the statement up until the server goes.
    try trial(
      "server restarted during the query", database,
      inject: {
        let rival = try database.connect()
        try rival.execute(
          script: "BEGIN; LOCK TABLE cognito.users IN SHARE MODE", until: .after(.seconds(5)))
        inBackground(after: .milliseconds(200)) {
          try? server.restart(mode: "immediate")
          rival.close()
        }
      },
      heal: { Deadline.after(.seconds(2)).sleep() })
  }
}
