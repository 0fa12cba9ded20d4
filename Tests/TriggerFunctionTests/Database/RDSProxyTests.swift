import Postgres
import XCTest

@testable import TriggerFunction

final class RDSProxyTests: XCTestCase {
  private func error(_ text: String) -> ConnectionStringError? {
    do {
      _ = try ConnectionParameters(setting: text)
      return nil
    } catch {
      return error
    }
  }

  func testOptionsThatTheProxyRefusesAreNamedAndTheirValueIsNot() {
    let proxy = "app.proxy-abc123.eu-central-1.rds.amazonaws.com"
    for text in [
      "postgresql://\(proxy)/app?options=-csearch_path%3Dcanary",
      "postgresql://db.example,\(proxy.uppercased())/app?options=-csearch_path%3Dcanary",
      "host=\(proxy) options='-c search_path=canary'",
    ] {
      let description = error(text)?.description ?? ""
      XCTAssertTrue(
        description.contains("options is refused by RDS Proxy"), "\(text): \(description)")
      XCTAssertTrue(description.contains("ALTER ROLE"), "\(text): \(description)")
      XCTAssertFalse(description.contains("canary"), description)
    }
    XCTAssertNil(error("postgresql://\(proxy)/app"))
  }

  func testOtherServersTakeOptions() {
    for host in [
      "db.example", "db.abc123.eu-central-1.rds.amazonaws.com", "proxy-a.rds.amazonaws.com",
    ] {
      XCTAssertNil(error("postgresql://\(host)/app?options=-csearch_path%3Dx"), host)
    }
  }

  func testWhatLibpqDoesNotTakeIsRefusedAsEverywhere() {
    XCTAssertEqual(error(""), .empty)
    XCTAssertEqual(error("postgresql://db/app?schema=x"), .unknownParameter("schema"))
  }
}
