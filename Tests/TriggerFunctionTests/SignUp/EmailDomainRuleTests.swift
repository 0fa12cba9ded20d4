import XCTest

@testable import TriggerFunction

final class EmailDomainRuleTests: XCTestCase {
  private func patterns(_ texts: [String]) throws -> [DomainPattern] {
    try texts.map { try XCTUnwrap(DomainPattern($0), $0) }
  }

  func testTheListsSayWhoMaySignUp() throws {
    typealias Refusal = EmailDomainRule.Refusal
    let rows: [(allowed: [String]?, blocked: [String], email: String?, Refusal?)] = [
      // No list, no question.
      (nil, [], nil, nil), (nil, [], "nonsense", nil), (nil, [], "ada@example.com", nil),
      (["example.com"], [], "ada@example.com", nil),
      (["example.com"], [], "ada@EXAMPLE.com", nil),
      (["example.com"], [], "ada@a.example.com", .notAllowed),
      (["*.example.com"], [], "ada@a.example.com", nil),
      (["*.example.com"], [], "ada@example.com", .notAllowed),
      (["example.com", "*.example.com"], [], "ada@example.com", nil),
      (["example.com"], [], "ada@example.org", .notAllowed),
      (["example.com"], [], nil, .noAddress), (["example.com"], [], "", .noDomain),
      (["example.com"], [], "ada", .noDomain), (["example.com"], [], "ada@", .noDomain),
      (["example.com"], [], "example.com", .noDomain),
      // What follows the last @.
      (["example.com"], [], "ada@example.com@evil.example", .notAllowed),
      (["example.com"], [], "\"ada@evil.example\"@example.com", nil),
      (["example.com"], [], "ada@example.com@", .noDomain),
      (["example.com"], [], "ada@evil.example ada@example.com", nil),
      // An @ with an accent is one to a mail server, and not to Swift's characters.
      (["example.com"], [], "ada@example.com@\u{301}evil.example", .noDomain),
      (["example.com"], [], "ada@example.com＠evil.example", .noDomain),
      (["example.com"], [], "ada@example.com ", .noDomain),
      (["example.com"], [], "ada@exam ple.com", .noDomain),
      (["example.com"], [], "ada@example.com\0", .noDomain),
      (["example.com"], [], "ada@ｅｘａｍｐｌｅ.com", nil),
      (["example.com"], [], "ada@ехample.com", .notAllowed),
      (["bücher.example"], [], "ada@xn--bcher-kva.example", nil),
      (["xn--bcher-kva.example"], [], "ada@BÜCHER.example", nil),
      // A block list alone lets those in who have no address, and nobody whose domain cannot be read.
      (nil, ["example.net"], nil, nil), (nil, ["example.net"], "ada@example.com", nil),
      (nil, ["example.net"], "ada@example.net", .blocked),
      (nil, ["example.net"], "ada@example.net.", .blocked),
      (nil, ["example.net"], "ada@a.example.net", nil),
      (nil, ["*.example.net"], "ada@a.example.net", .blocked),
      (nil, ["example.net"], "ada@example.net ", .noDomain),
      (nil, ["example.net"], "ada", .noDomain), (nil, ["example.net"], "", .noDomain),
      // Blocked is blocked.
      (["example.net"], ["example.net"], "ada@example.net", .blocked),
      (["*.example.com"], ["b.example.com"], "ada@b.example.com", .blocked),
      (["*.example.com"], ["b.example.com"], "ada@a.example.com", nil),
    ]
    for (allowed, blocked, email, expected) in rows {
      let rule = EmailDomainRule(
        allowed: try allowed.map(patterns), blocked: try patterns(blocked))
      XCTAssertEqual(
        rule.refusal(of: email), expected,
        "\(email ?? "nil"), allowed \(allowed ?? []), blocked \(blocked)")
    }
  }
}
