import Postgres
import Settings
import XCTest

@testable import TriggerFunction

final class RootCertificatesTests: XCTestCase {
  private let bundle = "/etc/pki/tls/certs/ca-bundle.crt"

  private func file(
    _ parameters: String, _ variables: [String: String] = [:], existing: Set<String>
  ) throws -> String? {
    RootCertificates.file(
      for: try ConnectionParameters(parsing: parameters), Environment(variables),
      exists: existing.contains)
  }

  func testTheFirstFileThatIsThereServesTheModesThatVerify() throws {
    let task = ["LAMBDA_TASK_ROOT": "/var/task", "HOME": "/home/ada"]
    let all: Set = [
      "/var/task/ca.pem", "/home/ada/.postgresql/root.crt", bundle, "/etc/ssl/cert.pem",
    ]
    XCTAssertEqual(
      try file("host=db sslmode=verify-full", task, existing: all), "/var/task/ca.pem")
    XCTAssertEqual(
      try file("host=db sslmode=verify-ca", task, existing: all.subtracting(["/var/task/ca.pem"])),
      "/home/ada/.postgresql/root.crt")
    XCTAssertEqual(try file("host=db sslmode=verify-full", existing: all), bundle)
    XCTAssertEqual(
      try file("host=db sslmode=verify-full", existing: ["/etc/ssl/cert.pem"]), "/etc/ssl/cert.pem")
    XCTAssertEqual(try file("host=db", ["PGSSLMODE": "verify-full"], existing: all), bundle)
    XCTAssertNil(try file("host=db sslmode=verify-full", existing: []))
  }

  func testOtherModesAndChosenFilesAreLeftAlone() throws {
    for parameters in [
      "host=db", "host=db sslmode=require", "host=db sslmode=prefer",
      "host=db sslmode=verify-full sslrootcert=/my/ca.pem",
    ] {
      XCTAssertNil(try file(parameters, existing: [bundle]), parameters)
    }
    XCTAssertNil(
      try file(
        "host=db sslmode=verify-full", ["PGSSLROOTCERT": "/my/ca.pem"], existing: [bundle]))
    XCTAssertNil(
      try file("host=db sslmode=require", ["PGSSLMODE": "verify-full"], existing: [bundle]))
  }
}
