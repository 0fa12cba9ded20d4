import CLibPQ
import XCTest

@testable import Postgres

final class ParameterRuleTests: XCTestCase {
  /// What libpq itself says to a connection that gets no further than to a file that is no folder.
  private func libpqTakes(_ parameters: [String: String]) -> Bool {
    let parameters = ["host": "/dev/null"].merging(parameters) { $1 }
    let keywords = parameters.keys.sorted()
    let handle = withCStrings(keywords.map { $0 }) { names in
      withCStrings(keywords.map { parameters[$0] }) { values in
        PQconnectStartParams(names.baseAddress, values.baseAddress, 0)
      }
    }
    defer { PQfinish(handle) }
    let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    return message.contains("Not a directory")
  }

  private func error(_ text: String) -> ConnectionStringError? {
    do {
      _ = try ConnectionParameters(parsing: text)
      return nil
    } catch {
      return error
    }
  }

  func testLibpqTakesTheSameValues() {
    let values = [
      "disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify", "Require",
      "any", "read-write", "read-only", "primary", "standby", "prefer-standby", "TLSv1", "tlsv1.2",
      "TLSv1.3", "TLSv1.4", "1.2", "true",
    ]
    let keywords = [
      "sslmode", "gssencmode", "channel_binding", "target_session_attrs",
      "ssl_min_protocol_version", "ssl_max_protocol_version",
    ]
    for keyword in keywords {
      let taken = values.filter { libpqTakes([keyword: $0]) }
      XCTAssertFalse(taken.isEmpty, keyword)
      XCTAssertEqual(values.filter { error("\(keyword)=\($0)") == nil }, taken, keyword)
    }
  }

  func testLibpqTakesTheSamePortsAndAsMany() {
    let ports = [
      "5432", " 5432 ", "+1", "65535", "0", "65536", "-1", "5432x", "x", "", "99999999999", "1,2",
      "1,", ",", "1,2,3", "1,2,3,4",
    ]
    for hosts in ["/dev/null", "/dev/null,/dev/null", "/dev/null,/dev/null,/dev/null"] {
      for port in ports {
        // libpq looks at a host's port when it comes to that host.
        XCTAssertEqual(
          error("host=\(hosts) port='\(port)'") == nil,
          libpqTakes(["host": hosts, "port": port]), "\(hosts) \(port)")
      }
    }
    XCTAssertNotNil(error("host=a,b hostaddr=10.0.0.1"))
    XCTAssertNotNil(error("host=a hostaddr=db.example"))
    XCTAssertNil(error("host=a,b hostaddr=10.0.0.1,::1 port=1,"))
  }

  func testWhatIsWrongIsNamedAndItsValueIsNot() {
    let table = [
      ("postgresql://db/app?sslmode=canary", "sslmode must be disable, allow"),
      ("postgresql://db:canary/app", "port must be a number from 1 to 65535"),
      ("postgresql://db:70000/app", "port must be"),
      ("postgresql://a:1,b:2,c:3,d/app?port=1,2", "port must be one for all hosts"),
      ("postgresql://db/app?connect_timeout=canary", "connect_timeout must be a whole number"),
      ("postgresql://db/app?keepalives_idle=1s", "keepalives_idle must be"),
      ("postgresql://db/app?tcp_user_timeout=99999999999", "tcp_user_timeout must be"),
      (
        "postgresql://db/app?load_balance_hosts=canary",
        "load_balance_hosts must be disable or random"
      ),
      ("postgresql://db/app?target_session_attrs=canary", "prefer-standby"),
      (
        "postgresql://db/app?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=tlsv1.2",
        "must not be above ssl_max_protocol_version"
      ),
      ("postgresql://db/app?schema=canary", "'schema'"),
      ("postgresql://db/app?pgbouncer=canary", "'pgbouncer'"),
      ("host=db connection_limit=canary", "'connection_limit'"),
    ]
    for (text, words) in table {
      let description = error(text)?.description ?? ""
      XCTAssertTrue(description.contains(words), "\(text): \(description)")
      XCTAssertFalse(description.contains("canary"), description)
    }
    // A piece of a password that was not encoded is no parameter's name.
    XCTAssertEqual(error("postgresql://u:p/w?c4nary-=x@db/app"), .malformed)
  }

  func testAnEnvironmentVariableThatLibpqDoesNotTakeIsNamed() {
    setenv("PGSSLMODE", "canary", 1)
    defer { unsetenv("PGSSLMODE") }
    let description = error("host=db")?.description ?? ""
    XCTAssertTrue(description.contains("PGSSLMODE"), description)
    XCTAssertFalse(description.contains("canary"), description)
    XCTAssertNil(error("host=db sslmode=require"))
  }
}
