import AWS
import Clock
import Doctor
import JSON
import LambdaRuntime
import Settings

/// Answers `{"doctor":true}` with what the doctor finds from where the function runs.
///
/// Over connections of its own: the one that is kept for users stays as it is.
struct Diagnose {
  private let deployment: Deployment
  private let database: DatabaseAccess
  private let cloud: CloudAccess

  init(_ configuration: Configuration, environment: Environment) {
    deployment = configuration.deployment(environment)
    database = configuration.databaseAccess()
    cloud = CloudAccess(environment: environment, version: poolTableVersion) {
      (environment) throws(CredentialsError) in try .environment(environment)
    }
  }

  /// - Parameter deadline: of the invocation.
  func perform(in invocation: Invocation, until deadline: Deadline) -> (
    answer: InvocationAnswer, report: ActionReport
  ) {
    var deployment = deployment
    deployment.timeout = invocation.deadline.map { end in
      // Lambda's clock starts a little before the event is here.
      Int((invocation.receivedAt.duration(to: end.instant).milliseconds / 1000).rounded(.up))
    }
    let notes = Notes()
    notes.findings.append(Doctor.configuration(nil))
    Doctor(deployment, database: database, cloud: cloud).examine(until: deadline) {
      notes.findings.append($0)
    }
    let diagnosis = Diagnosis(notes.findings)
    return (
      .replaced(Array(diagnosis.jsonText.utf8)),
      ActionReport(
        outcome: .diagnosed,
        problem: diagnosis.isHealthy ? nil : "checks that failed: \(diagnosis.count(.failed))")
    )
  }

  private final class Notes {
    var findings: [Finding] = []
  }
}

/// The event that asks for it: exactly `{"doctor":true}`.
struct DoctorRequest: Sendable, Equatable {
  /// - Parameter bytes: what Lambda was invoked with. Nil where it is anything else.
  init?(_ bytes: [UInt8]) {
    guard let event = try? JSONValue(parsing: bytes, allowsByteOrderMark: true),
      event == .object(["doctor": .boolean(true)])
    else { return nil }
  }
}
