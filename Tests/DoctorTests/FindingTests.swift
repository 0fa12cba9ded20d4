import Doctor
import JSON
import XCTest

final class FindingTests: XCTestCase {
  func testADiagnosisIsHealthyUnlessSomethingHasFailed() {
    let ok = Doctor.configuration(nil)
    let skipped = Doctor.noDatabase("no database")
    XCTAssertTrue(Diagnosis([ok, skipped]).isHealthy)
    var failed = ok
    failed.verdict = .failed
    failed.remedy = "mend it"
    let diagnosis = Diagnosis([ok, failed, skipped])
    XCTAssertFalse(diagnosis.isHealthy)
    XCTAssertEqual(
      diagnosis.jsonText,
      #"{"failed":1,"findings":[{"check":"configuration","text":"every setting can be used","verdict":"ok"},"#
        + #"{"check":"configuration","remedy":"mend it","text":"every setting can be used","verdict":"failed"},"#
        + #"{"check":"connection","text":"no database","verdict":"skipped"}],"#
        + #""healthy":false,"ok":1,"skipped":1,"warnings":0}"#)
  }
}
