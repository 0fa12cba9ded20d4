import XCTest

@testable import TriggerFunction

final class DomainNameTests: XCTestCase {
  func testWaysToWriteADomainAreOneName() {
    let names = [
      "example.com": "example.com", "EXAMPLE.Com": "example.com", "example.com.": "example.com",
      // Full width letters, an ideographic full stop, letters that are composed and those that are not.
      "ｅｘａｍｐｌｅ.com": "example.com", "example。com": "example.com",
      "bücher.example": "xn--bcher-kva.example", "BU\u{308}CHER.example": "xn--bcher-kva.example",
      "XN--BCHER-KVA.example": "xn--bcher-kva.example",
      // A domain of its own since IDNA2008, and no longer strasse.
      "straße.example": "xn--strae-oqa.example",
      // Marks that nobody sees.
      "exam\u{AD}ple.com": "example.com", "exam\u{200B}ple.com": "example.com",
      "localhost": "localhost", "1.2.example": "1.2.example",
    ]
    for (text, name) in names { XCTAssertEqual(DomainName(text)?.ascii, name, text) }
  }

  func testLookAlikesAreDomainsOfTheirOwn() {
    // Cyrillic letters, a dotless i.
    for text in ["ехample.com", "examрle.com", "exaｍple.соm", "mıcrosoft.example"] {
      let name = DomainName(text)
      XCTAssertNotNil(name, text)
      XCTAssertTrue(name?.ascii.contains("xn--") == true, text)
    }
  }

  func testWhatIsNoDomainHasNoName() {
    let texts = [
      "", ".", "..", ".com", "example..com", "example.com..", "-a.example", "a-.example",
      // These would be other domains if the characters were left out.
      "exam ple.com", "exam_ple.com", "exam\tple.com", "exam(x)ple.com", "example.com:25",
      "[127.0.0.1]", "example.com\0.evil.example", "exam\0ple.com",
      // Full width: an @, a space.
      "example.com＠evil.example", "example.com\u{3000}",
      "ex\u{FFFD}ample.com", "xn--a.example", "☃.example", "*.example.com", "a@example.com",
      String(repeating: "a", count: 64) + ".example",
      String(repeating: "abcdefg.", count: 32) + "example",
      String(repeating: "ü", count: 2048),
    ]
    for text in texts { XCTAssertNil(DomainName(text), text) }
  }

  func testAPatternIsADomainOrAllBelowOne() throws {
    let rows: [(String, matching: [String], others: [String])] = [
      (
        "example.com", ["example.com", "EXAMPLE.COM."],
        ["a.example.com", "example.com.evil.example"]
      ),
      (
        "*.Example.com", ["a.example.com", "a.b.example.com"],
        ["example.com", "notexample.com", "example.com.evil.example"]
      ),
      ("*.bücher.example", ["a.xn--bcher-kva.example"], ["bücher.example"]),
      ("*.com", ["example.com"], ["com"]),
    ]
    for (text, matching, others) in rows {
      let pattern = try XCTUnwrap(DomainPattern(text))
      for name in matching { XCTAssertTrue(pattern.matches(try XCTUnwrap(DomainName(name))), name) }
      for name in others { XCTAssertFalse(pattern.matches(try XCTUnwrap(DomainName(name))), name) }
    }
    for text in ["*", "*.", "a.*.com", "*example.com", "**.example.com", "*.*.com", "@example.com"]
    {
      XCTAssertNil(DomainPattern(text), text)
    }
  }
}
