import Clock
import Postgres
import XCTest

@testable import Doctor

final class ConnectionChecksTests: XCTestCase {
  private let now = Timestamp(microsecondsSinceEpoch: 1_795_248_000_000_000)

  private func certificate(_ left: Duration) -> ServerCertificate {
    ServerCertificate(
      subject: "db.example", issuer: "RDS root", expiresAt: now.advanced(by: left))
  }

  func testANameIsResolvedOrTheRemedySaysWhereToLook() {
    XCTAssertEqual(
      ConnectionChecks.resolution("db.example", .success(["10.0.0.1", "fd00::1"])),
      .ok(.nameResolution, "db.example: 10.0.0.1, fd00::1"))
    let rows: [(PostgresError, String)] = [
      (.timedOut(.resolve), "db.example: timed out (resolve)"),
      (.hostNotFound(host: "db.example", reason: "unknown"), "db.example: unknown"),
    ]
    for (error, text) in rows {
      let finding = ConnectionChecks.resolution("db.example", .failure(error))
      XCTAssertEqual(finding.verdict, .failed)
      XCTAssertNotNil(finding.remedy)
      XCTAssertEqual(finding.text, text)
    }
  }

  func testARefusedConnectionHasTheRemedyOfItsReason() throws {
    let state = try XCTUnwrap(SQLState("28P01"))
    let known = ConnectionChecks.refusal(.connectionRefusedByServer(state)) { _ in "the password" }
    XCTAssertEqual(known.remedy, "the password")
    let silent = ConnectionChecks.refusal(.timedOut(.connect)) { _ in nil }
    XCTAssertTrue(try XCTUnwrap(silent.remedy).contains("security group"))
    let unverified = ConnectionChecks.refusal(
      .connectFailed(detail: "certificate verify failed")
    ) { _ in nil }
    XCTAssertTrue(try XCTUnwrap(unverified.remedy).contains("sslrootcert"))
    XCTAssertEqual(
      [known, silent, unverified].map(\.verdict), [.failed, .failed, .failed])
    let others: [(PostgresError, remedy: String?)] = [
      (.connectFailed(detail: "port 5432 failed: Connection refused"), "listen_addresses"),
      (.connectFailed(detail: "server does not support SSL, but SSL was required"), "ssl = on"),
      (
        .connectFailed(detail: #"on socket "/tmp/.s.PGSQL.1" failed: No such file or directory"#),
        "name the host"
      ),
      (.connectFailed(detail: "what nobody has thought of"), "log says more"),
      (.connectionRefusedByServer(state), "log says more"),
      // It says so itself.
      (.credentialsUnavailable(detail: "no secret (do this)", mayPass: false), nil),
    ]
    for (error, remedy) in others {
      let found = ConnectionChecks.refusal(error) { _ in nil }.remedy
      XCTAssertEqual(found?.contains(remedy ?? "nothing"), remedy.map { _ in true }, "\(error)")
    }
  }

  func testAnythingWeakerThanVerifyFullIsAWarning() {
    let session = TLSSession(
      version: "TLSv1.3", cipher: "AES", certificate: certificate(.seconds(90 * 86_400)))
    let rows: [(TLSSession?, mode: String, address: String?, [Finding.Verdict])] = [
      (session, "verify-full", "10.0.0.1", [.ok, .ok]),
      (session, "verify-ca", "10.0.0.1", [.warning, .ok]),
      (session, "require", "10.0.0.1", [.warning, .ok]),
      (session, "prefer", "127.0.0.1", [.warning, .ok]),
      (nil, "prefer", "10.0.0.1", [.warning]),
      (nil, "disable", "127.0.0.1", [.ok]), (nil, "disable", "::1", [.ok]),
      (nil, "prefer", nil, [.ok]),
    ]
    for (session, mode, address, verdicts) in rows {
      let findings = ConnectionChecks.tls(session, mode: mode, address: address, now: now)
      XCTAssertEqual(findings.map(\.verdict), verdicts, "\(mode) \(address ?? "socket")")
      for warning in findings where warning.verdict == .warning {
        XCTAssertTrue(warning.remedy?.contains("verify-full") == true, warning.text)
      }
    }
  }

  func testACertificatesDaysAreCounted() {
    let day = 86_400
    let rows: [(Duration, Finding.Verdict, String)] = [
      (.seconds(-1), .failed, "has expired"), (.seconds(day), .warning, "1 days left"),
      (.seconds(30 * day - 1), .warning, "29 days left"), (.seconds(30 * day), .ok, "30 days left"),
    ]
    for (left, verdict, words) in rows {
      let finding = ConnectionChecks.certificate(certificate(left), now: now)
      XCTAssertEqual(finding.verdict, verdict, words)
      XCTAssertEqual(finding.text, "db.example, by RDS root: \(words)")
    }
    XCTAssertEqual(ConnectionChecks.certificate(nil, now: now).verdict, .skipped)
  }

  func testTheRoundTripIsMeasuredByTheBudget() {
    let rows: [(connect: Int, statement: Int, budget: Int, Finding.Verdict)] = [
      (20, 1, 4000, .ok), (1501, 1, 4000, .warning), (20, 101, 4000, .warning),
      (1990, 11, 4000, .failed), (60, 1, 100, .failed),
    ]
    for (connect, statement, budget, verdict) in rows {
      let finding = ConnectionChecks.roundTrip(
        connect: .milliseconds(connect),
        // The middle one counts.
        statements: [.milliseconds(900), .milliseconds(statement), .zero],
        budget: .milliseconds(budget))
      XCTAssertEqual(finding.verdict, verdict, "\(connect) \(statement) \(budget)")
    }
  }

  func testAClockThatIsFarOffIsTold() {
    let rows: [(Double, Finding.Verdict, String)] = [
      (0.2, .ok, "agrees with this machine's to the second"),
      (-0.9, .ok, "agrees with this machine's to the second"),
      (4, .ok, "is 4 s ahead of this machine's"),
      (-6, .warning, "is 6 s behind this machine's"),
      (61, .failed, "is 61 s ahead of this machine's"),
    ]
    for (seconds, verdict, words) in rows {
      let finding = ConnectionChecks.clock(.awsClock, offset: .seconds(seconds), of: "AWS's clock")
      XCTAssertEqual(finding.verdict, verdict, words)
      XCTAssertEqual(finding.text, "AWS's clock \(words)")
    }
  }

  func testAPoolerIsKnownByTheProcessesThatServe() {
    let rows: [(told: Int?, serving: Int, second: Int?, Finding.Verdict, String)] = [
      (7, 7, nil, .ok, "none"), (1, 7, 7, .ok, "transaction mode"),
      (1, 7, 8, .warning, "session mode"), (1, 7, nil, .warning, "no second connection"),
    ]
    for (told, serving, second, verdict, words) in rows {
      let finding = PoolerCheck.finding(
        PoolerCheck.Facts(toldPID: told, servingPID: serving, secondPID: second))
      XCTAssertEqual(finding.verdict, verdict, words)
      XCTAssertTrue(finding.text.contains(words), finding.text)
    }
  }

  func testTheServerIsRecentWritableAndHoldsEveryName() {
    let rows: [(Int, isReadOnly: Bool, String, Finding.Verdict)] = [
      (150_018, false, "UTF8", .ok), (140_000, false, "UTF8", .ok),
      (130_022, false, "UTF8", .failed),
      (180_001, true, "UTF8", .failed), (150_018, false, "SQL_ASCII", .failed),
    ]
    for (version, isReadOnly, encoding, verdict) in rows {
      let finding = ServerChecks.server(
        ServerChecks.Server(versionNumber: version, isReadOnly: isReadOnly, encoding: encoding))
      XCTAssertEqual(finding.verdict, verdict, "\(version) \(encoding)")
      XCTAssertEqual(finding.remedy == nil, verdict == .ok)
    }
  }

  func testMigrationsAreToldByTheirNamesOrByWhatIsMissing() {
    let needed: Set = ["sync_user", "find_user"]
    let rows: [(Set<String>?, MigrationState?, Finding.Verdict, String)] = [
      (nil, nil, .failed, "no schema cognito"),
      (needed, .applied(11), .ok, "all 11 are applied"),
      (needed, .pending(["0010_a", "0011_b"]), .failed, "not applied: 0010_a, 0011_b"),
      (needed, .different("it is newer"), .failed, "it is newer"),
      (needed, nil, .ok, "every function"), (["sync_user"], nil, .failed, "no find_user"),
    ]
    for (functions, state, verdict, words) in rows {
      let finding = ServerChecks.migrations(
        ServerChecks.Schema(functions: functions, migrations: state), needed: needed)
      XCTAssertEqual(finding.verdict, verdict, words)
      XCTAssertTrue(finding.text.contains(words), finding.text)
    }
  }
}
