import CognitoTriggers
import Foundation
import TestSupport
import XCTest

final class TriggerSourceTests: XCTestCase {
  func testTheKnownSourcesAreThoseWithAnEventInFixtures() throws {
    let names = try TestEnvironment.fixtureFiles(in: "events/sources").map { file in
      let name = file.deletingPathExtension()
      // Token generation has one source in three versions.
      return ["v2", "v3"].contains(name.pathExtension)
        ? name.deletingPathExtension().lastPathComponent : name.lastPathComponent
    }
    XCTAssertEqual(
      Set(names).sorted(), TriggerSource.allCases.map(\.rawValue).sorted())
  }

  func testASourceIsKnownByItsFullNameOnly() {
    for name in [
      "PostConfirmation", "PostConfirmation_", "PostConfirmation_SomethingNew",
      "postconfirmation_confirmsignup", "PostConfirmation_ConfirmSignUp ", "",
    ] {
      XCTAssertNil(TriggerSource(rawValue: name), name)
    }
  }
}
