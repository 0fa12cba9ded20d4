import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `sslmode=verify-full` with an authority of the test's own, and SCRAM-SHA-256 over it.
final class TLSTests: XCTestCase {
  private func serve(
    _ certificates: TestCertificates, host: String, days: Int = 2, on server: ServerUnderTest
  ) throws {
    let (certificate, key) = try certificates.server(host: host, days: days)
    try server.install(certificate, as: "server.crt")
    try server.install(key, as: "server.key")
    try server.reload()
  }

  private func url(_ database: TestDatabase, authority: String) -> String {
    database.urlForHandler(
      host: "localhost",
      query: ["sslmode": "verify-full", "sslrootcert": authority])
  }

  func testOnlyTheRightCertificateIsAccepted() throws {
    let server = try ServerUnderTest("tls")
    let (certificates, strangers) = (try TestCertificates(), try TestCertificates())
    try serve(certificates, host: "localhost", on: server)
    let database = try TestDatabase(on: server)
    try database.execute("ALTER SYSTEM SET ssl = on")
    try server.reload()

    let good = try FunctionUnderTest(
      environment: ["DATABASE_URL": url(database, authority: certificates.authority)])
    let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    XCTAssertTrue(try good.invoke(event).echoes(event), good.logText)
    XCTAssertEqual(
      try database.query(
        """
        SELECT ssl, version LIKE 'TLSv1.%' FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE usename = '\(database.handlerLogin)'
        """), [["t", "t"]])
    XCTAssertEqual(
      try database.value(
        "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = $1::name",
        [database.handlerLogin]), "t")

    try refuses(
      "unknown authority", "not in sslrootcert", strangers.authority, database)
    try refuses("no such root file", "sslrootcert must name a file", "/no/such/file.pem", database)
    try serve(certificates, host: "db.example.com", on: server)
    try refuses(
      "certificate for another host", "by a name that is in the server's certificate",
      certificates.authority, database)
    try serve(certificates, host: "localhost", days: -1, on: server)
    try refuses(
      "expired certificate", "or has expired", certificates.authority, database)
    try serve(certificates, host: "localhost", on: server)

    let again = try FunctionUnderTest(
      environment: ["DATABASE_URL": url(database, authority: certificates.authority)])
    XCTAssertTrue(try again.invoke(event).echoes(event), again.logText)
  }

  private func refuses(
    _ fault: String, _ words: String, _ authority: String, _ database: TestDatabase
  ) throws {
    let function = try FunctionUnderTest(
      environment: ["DATABASE_URL": url(database, authority: authority)])
    let event = TestEvent("PostConfirmation_ConfirmSignUp").bytes
    let answer = try function.invoke(event)
    guard case .error("Function.DatabaseUnavailable", _) = answer.kind else {
      return XCTFail("\(fault): \(answer.kind)")
    }
    XCTAssertTrue(function.logText.contains(words), "\(fault): \(function.logText)")
    XCTAssertFalse(function.logText.contains(database.handlerPassword))
    FaultTable.record(
      fault: fault, temperature: "cold", elapsed: answer.elapsed, seen: "the error")
  }
}
