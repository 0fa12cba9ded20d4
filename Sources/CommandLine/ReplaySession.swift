import Clock
import CognitoTriggers
import FoundationEssentials
import LocalLambda
import TriggerFunction

/// One `bootstrap` process and the Runtime API it talks to.
final class ReplaySession {
  /// Cognito's limit, and a little more to tell "late" from "never".
  private static let timeout = Duration.seconds(6)

  private let runtime: LocalRuntime
  private let process: BootstrapProcess
  private var log = BootstrapLog()

  init(executable: String, databaseURL: String) throws(CommandFailure) {
    var environment = ProcessInfo.processInfo.environment
    do {
      runtime = try LocalRuntime()
      environment["DATABASE_URL"] = databaseURL
      environment["AWS_LAMBDA_RUNTIME_API"] = runtime.endpoint
      // The outcomes are read from its log.
      environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
      environment["LOG_LEVEL"] = "INFO"
      process = try BootstrapProcess(executable: executable, environment: environment)
    } catch {
      throw CommandFailure("could not start \(executable): \(error.words)")
    }
  }

  deinit { process.send(signal: 15) }

  /// - Throws: when `bootstrap` is gone; no further event can be played then.
  func replay(_ event: InputEvent) throws(CommandFailure) -> ReplayRow {
    let answer: Answer
    do {
      answer = try runtime.invoke(event.bytes, process: process, until: .after(Self.timeout))
    } catch {
      takeLog()
      throw CommandFailure("\(event.name): \(explanation(of: error))")
    }
    takeLog()
    let report = log.report(requestID: answer.requestID)
    return ReplayRow(file: event.name, event: event.bytes, answer: answer, report: report)
  }

  private func takeLog() {
    process.readLog()
    for line in log.take(process.log) {
      StandardError.print("bootstrap: \(line)")
    }
  }

  private func explanation(of error: LocalRuntimeError) -> String {
    guard case .timedOut = error else { return error.words }
    return
      "bootstrap hung: no answer within \(Self.timeout.wholeMillisecondsRoundedUp / 1000) seconds"
  }
}
