import HTTP
import XCTest

final class PlainHTTPHostTests: XCTestCase {
  func testWhereAURLLeads() {
    let rows: [(url: String, name: String?, isLoopback: Bool)] = [
      ("http://localhost", "localhost", true), ("http://LOCALHOST:80/x", "localhost", true),
      ("http://127.0.0.1:9/x", "127.0.0.1", true), ("http://127.9.9.9?x", "127.9.9.9", true),
      ("http://[::1]:9/x", "::1", true),
      ("http://127.0.0.1.example.org/", "127.0.0.1.example.org", false),
      ("http://127.0.0.256/", "127.0.0.256", false), ("http://127.0.1/", "127.0.1", false),
      ("http://localhost.example.org/", "localhost.example.org", false),
      ("http://example.org/localhost", "example.org", false), ("http://[::2]/", "::2", false),
      ("http://localhost:x@example.org/", nil, false), ("http://127.0.0.1@example.org", nil, false),
      ("http://example.org#@localhost", "example.org", false), ("https://localhost/", nil, false),
      ("HTTP://localhost/", nil, false), ("localhost", nil, false), ("", nil, false),
      ("http://", "", false),
    ]
    for row in rows {
      let host = PlainHTTPHost(of: row.url)
      XCTAssertEqual(host?.name, row.name, row.url)
      XCTAssertEqual(host?.isLoopback ?? false, row.isLoopback, row.url)
    }
  }
}
