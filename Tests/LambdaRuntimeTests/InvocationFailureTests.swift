import Foundation
import TestSupport
import XCTest

@testable import LambdaRuntime

final class InvocationFailureTests: XCTestCase {
  func testBodyHasTheThreeMembersOfTheRuntimeAPI() throws {
    let failure = InvocationFailure(
      type: "Function.DatabaseUnavailable", message: "Say \"please\"\nand try again")

    let body = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(failure.body)) as? NSDictionary)

    XCTAssertEqual(
      body,
      [
        "errorMessage": "Say \"please\"\nand try again",
        "errorType": "Function.DatabaseUnavailable", "stackTrace": [String](),
      ])
  }

  func testInitializationFailureHasTheSameBodyWithARunTimeMessage() throws {
    let variable = ["DATABASE", "URL"].joined(separator: "_")
    let failure = InitializationFailure(
      type: "Function.InvalidConfiguration", message: "\(variable) is not set")

    let body = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(failure.body)) as? NSDictionary)

    XCTAssertEqual(
      body,
      [
        "errorMessage": "DATABASE_URL is not set",
        "errorType": "Function.InvalidConfiguration", "stackTrace": [String](),
      ])
  }

  func testFailuresAreEqualWhenTypeAndMessageAre() {
    let failure = InvocationFailure(type: "Function.A", message: "one")
    XCTAssertEqual(failure, InvocationFailure(type: "Function.A", message: "one"))
    XCTAssertNotEqual(failure, InvocationFailure(type: "Function.B", message: "one"))
    XCTAssertNotEqual(failure, InvocationFailure(type: "Function.A", message: "two"))
  }

  /// Lambda reports every other type as `Runtime.Unknown`. What `LocalLambda` refuses a caller with is Lambda's own,
  /// and the types in `SampleEvents` are those of requests.
  func testEveryTypeInTheSourcesIsOneThatLambdaReports() throws {
    let sources = TestEnvironment.packageRoot.appendingPathComponent("Sources")
    var types: [String] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: sources.path)
    where path.hasSuffix(".swift") && !path.hasPrefix("LocalLambda/InvokeAPI/")
      && !path.hasPrefix("SampleEvents/")
    {
      let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
      types += text.matches(of: #/type: "([^"\\]*)"/#).map { String($0.output.1) }
    }

    XCTAssertGreaterThan(types.count, 3)
    for type in types { XCTAssertTrue(isReportedByLambda(type), type) }
  }
}

func isReportedByLambda(_ type: String) -> Bool {
  type.wholeMatch(of: #/(Runtime|Function)\.[A-Z][a-zA-Z]+/#) != nil
}
