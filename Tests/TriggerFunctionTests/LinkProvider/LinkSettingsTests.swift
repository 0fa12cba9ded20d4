import Settings
import XCTest

@testable import TriggerFunction

final class LinkSettingsTests: XCTestCase {
  private func settings(_ environment: [String: String]) throws -> LinkSettings? {
    try LinkSettings(environment: Environment(environment))
  }

  func testItIsOffUntilAProviderIsNamed() throws {
    XCTAssertNil(try settings([:]))
    XCTAssertNil(
      try settings([
        "LINK_PROVIDERS": "", "LINK_ANSWER": "retry", "LINK_SUBJECT_ATTRIBUTE": "custom:s",
      ]))
  }

  func testAllIsRead() throws {
    let simple = try XCTUnwrap(settings(["LINK_PROVIDERS": " Google, SignInWithApple,"]))
    XCTAssertEqual(simple.providers.map(\.text), ["Google", "SignInWithApple"])
    XCTAssertNil(simple.subjectAttribute)
    XCTAssertEqual(simple.answer, .continue)
    let all = try XCTUnwrap(
      settings([
        "LINK_PROVIDERS": "okta", "LINK_SUBJECT_ATTRIBUTE": "custom:subject",
        "LINK_ANSWER": "retry",
      ]))
    XCTAssertEqual(all.providers.map(\.text), ["okta"])
    XCTAssertEqual(all.subjectAttribute, "custom:subject")
    XCTAssertEqual(all.answer, .retry)
  }

  func testABadValueIsAnErrorThatNamesTheVariable() {
    let bad: [(String, String)] = [
      ("LINK_PROVIDERS", ","), ("LINK_PROVIDERS", "Go"), ("LINK_PROVIDERS", "Google,My_Provider"),
      ("LINK_PROVIDERS", "My Provider"), ("LINK_PROVIDERS", "Google,google"),
      ("LINK_PROVIDERS", "Cognito"), ("LINK_PROVIDERS", String(repeating: "a", count: 33)),
      // Its subjects could have capitals that nothing would ever tell.
      ("LINK_PROVIDERS", "Google,okta"),
      ("LINK_SUBJECT_ATTRIBUTE", "email"), ("LINK_SUBJECT_ATTRIBUTE", "sub"),
      ("LINK_SUBJECT_ATTRIBUTE", "identities"), ("LINK_SUBJECT_ATTRIBUTE", "custom: s"),
      ("LINK_SUBJECT_ATTRIBUTE", "cognito:user_status"),
      ("LINK_ANSWER", "fail"), ("LINK_ANSWER", "on"),
    ]
    for (name, value) in bad {
      XCTAssertThrowsError(
        try settings(["LINK_PROVIDERS": "Google"].merging([name: value]) { $1 }),
        "\(name)=\(value)"
      ) { XCTAssertTrue("\($0)".hasPrefix(name), "\($0)") }
    }
  }
}
