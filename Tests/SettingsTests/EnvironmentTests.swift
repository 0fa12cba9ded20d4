import Settings
import XCTest

final class EnvironmentTests: XCTestCase {
  private enum Colour: String, CaseIterable {
    case red, green
  }

  private func failure(_ body: () throws(SettingError) -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return error.description
    }
  }

  func testAVariableThatIsSetToNothingIsNotSet() throws {
    for environment in [Environment([:]), Environment(["A": ""])] {
      XCTAssertNil(environment["A"])
      XCTAssertNil(try environment.choice("A", of: Colour.self))
      XCTAssertFalse(try environment.isOn("A"))
      XCTAssertFalse(try environment.isTrue("A"))
      XCTAssertNil(try environment.milliseconds("A", in: .zero ... .seconds(1)))
      XCTAssertNil(try environment.value("A", "must be a number") { Int($0) })
      XCTAssertEqual(
        failure { () throws(SettingError) in _ = try environment.required("A", by: "B=on") },
        "A is not set, and B=on needs it")
    }
    XCTAssertEqual(Environment(["A": " "])["A"], " ")
  }

  func testTypedReadings() throws {
    let environment = Environment(["A": "green", "B": "on", "C": "off", "D": "250", "E": "7"])
    XCTAssertEqual(environment["A"], "green")
    XCTAssertEqual(try environment.required("A", by: "B=on"), "green")
    XCTAssertEqual(try environment.choice("A", of: Colour.self), .green)
    XCTAssertTrue(try environment.isOn("B"))
    XCTAssertFalse(try environment.isOn("C"))
    XCTAssertEqual(
      try environment.milliseconds("D", in: .zero ... .seconds(1)), .milliseconds(250))
    XCTAssertEqual(try environment.value("E", "must be a number") { Int($0) }, 7)
    for (text, isTrue) in [("true", true), ("True", true), ("FALSE", false), ("false", false)] {
      XCTAssertEqual(try Environment(["A": text]).isTrue("A"), isTrue, text)
    }
  }

  func testAnErrorSaysVariableAndRuleAndNotTheValue() {
    let environment = Environment(["A": "canary"])
    let range = Duration.milliseconds(100)...Duration.seconds(4)
    let rows: [(told: String?, rule: String)] = [
      (
        failure { () throws(SettingError) in _ = try environment.choice("A", of: Colour.self) },
        "A must be 'red' or 'green'"
      ),
      (
        failure { () throws(SettingError) in _ = try environment.isOn("A") },
        "A must be 'on' or 'off'"
      ),
      (
        failure { () throws(SettingError) in _ = try environment.isTrue("A") },
        "A must be true or false"
      ),
      (
        failure { () throws(SettingError) in _ = try environment.milliseconds("A", in: range) },
        "A must be a whole number of milliseconds from 100 to 4000"
      ),
      (
        failure { () throws(SettingError) in
          _ = try environment.value("A", "must be a number") { Int($0) }
        }, "A must be a number"
      ),
    ]
    for row in rows { XCTAssertEqual(row.told, row.rule) }
    for text in ["99", "4001", "-1", "1e3", "99999999999999999999", "100.5", " 100"] {
      XCTAssertThrowsError(try Environment(["A": text]).milliseconds("A", in: range), text)
    }
  }
}
