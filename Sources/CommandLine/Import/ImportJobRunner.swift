import AWS
import Clock
import CognitoAPI
import HTTP
import JSON
import Settings
import TriggerFunction
import UserImport

/// Runs a job of Cognito's import, from its file to its end.
struct ImportJobRunner {
  private static let patience = Duration.seconds(60)
  /// Between two looks at a job, at first and at most.
  private static let looks = (first: Duration.milliseconds(250), last: Duration.seconds(10))
  private static let uploads = 3
  /// So many lines of a log are told one by one.
  private static let lineLimit = 100
  /// A log may be behind its job.
  private static let logPatience = Duration.seconds(15)

  /// Whether another job may follow.
  enum End {
    case goOn, stop
  }

  let pool: UserPoolID
  /// As people call it, which the place of the logs is made of; nil where it is not known.
  let poolName: String?
  let cognito: CognitoClient
  let role: String
  private let upload: ImportUpload

  init(
    pool: UserPoolID, named poolName: String?, cognito: CognitoClient, role: String
  ) throws(CommandFailure) {
    self.pool = pool
    self.poolName = poolName
    self.cognito = cognito
    self.role = role
    do throws(HTTPSetUpError) {
      upload = try ImportUpload(
        version: poolTableVersion,
        certificates: CertificateBundle.file(environment: .ofProcess()))
    } catch {
      throw CommandFailure(error.description)
    }
  }

  /// Makes a job, sends the file, starts the job and watches it.
  ///
  /// - Parameters:
  ///   - number: of the file, from 1.
  ///   - result: is filled as far as it goes.
  ///   - progress: told now and then.
  func run(
    _ file: [UInt8], number: Int, _ result: inout ImportOutcome.Job,
    progress: (ImportOutcome.Job) -> Void
  ) -> End {
    do throws(ImportJobError) {
      // Its URL is good for 15 minutes.
      let job = try make(number, result.algorithm)
      result.take(job)
      try send(file, of: job)
      try start(job, &result)
      try watch(job, &result, progress)
    } catch {
      result.problem = error.description
      return .stop
    }
    // One in which all were skipped fails, and says nothing of the others.
    return .goOn
  }

  private func make(
    _ number: Int, _ algorithm: ImportAlgorithm?
  ) throws(ImportJobError) -> ImportJob {
    do throws(CognitoError) {
      return try cognito.createImportJob(
        "pooltable-\(algorithm?.rawValue ?? "RESET")-\(number)", algorithm: algorithm?.rawValue,
        role: role, in: pool, until: .after(Self.patience))
    } catch {
      throw .notMade(error, hasHashes: algorithm != nil)
    }
  }

  private func send(_ file: [UInt8], of job: ImportJob) throws(ImportJobError) {
    guard let url = job.uploadURL else { throw .noURL }
    for attempt in 1...Self.uploads {
      do throws(ImportUploadError) {
        return try upload.send(file, to: url)
      } catch {
        guard error.isTransient, attempt < Self.uploads,
          Deadline.after(.seconds(attempt)).sleep(unless: { Interruption.isRequested })
        else { throw .notSent(error) }
      }
    }
  }

  private func start(_ job: ImportJob, _ result: inout ImportOutcome.Job) throws(ImportJobError) {
    guard !Interruption.isRequested else { throw .interrupted(id: nil) }
    do throws(CognitoError) {
      result.take(try cognito.startImportJob(job.id, in: pool, until: .after(Self.patience)))
    } catch {
      // An attempt whose answer was lost may have started it.
      let now = try? cognito.importJob(job.id, in: pool, until: .after(Self.patience))
      guard let now, now.status != .created else { throw .notStarted(error) }
      result.take(now)
    }
  }

  private func watch(
    _ job: ImportJob, _ result: inout ImportOutcome.Job, _ progress: (ImportOutcome.Job) -> Void
  ) throws(ImportJobError) {
    var pause = Self.looks.first
    while true {
      do throws(CognitoError) {
        result.take(try cognito.importJob(job.id, in: pool, until: .after(.seconds(600))))
      } catch {
        throw Interruption.isRequested ? .interrupted(id: job.id) : .notSeen(error, id: job.id)
      }
      progress(result)
      if result.status?.isFinal == true { return }
      guard Deadline.after(pause).sleep(unless: { Interruption.isRequested }) else {
        throw .interrupted(id: job.id)
      }
      pause = min(pause * 2, Self.looks.last)
    }
  }

  // MARK: The log

  /// Which lines of a file came to these outcomes, as the log of its job says.
  ///
  /// - Parameter count: so many there are.
  /// - Returns: no lines, and why, where it cannot be read.
  func lines(
    of job: ImportJob, _ outcomes: [ImportLogLine.Outcome], count: Int
  ) -> (lines: [ImportLogLine], problem: String?) {
    guard let poolName else { return ([], place(of: job, in: nil)) }
    let group = ImportJob.logGroup(of: pool, named: poolName)
    let wanted = min(count, Self.lineLimit)
    let end = Deadline.after(Self.logPatience)
    do {
      let logs = try ServiceClient(
        of: .logs, environment: .ofProcess(), version: poolTableVersion, bodyLimit: 8 << 20,
        credentials: CredentialsSource.commandLine)
      while true {
        let lines = try read(outcomes, group, job.logStream, upTo: wanted, logs)
        guard lines.count < wanted, !end.hasPassed,
          end.capped(at: .seconds(2)).sleep(unless: { Interruption.isRequested })
        else { return (lines, lines.count < count ? place(of: job, in: group) : nil) }
      }
    } catch let error as ServiceError {
      return ([], "\(error.told(of: "logs:FilterLogEvents")); \(place(of: job, in: group))")
    } catch {
      return ([], "\(error); \(place(of: job, in: group))")
    }
  }

  /// Source: Amazon CloudWatch Logs API reference, `FilterLogEvents`: a page may be empty, and not the last; User Guide,
  /// "Filter pattern syntax": of terms with `?` any one is enough.
  private func read(
    _ outcomes: [ImportLogLine.Outcome], _ group: String, _ stream: String, upTo count: Int,
    _ logs: ServiceClient
  ) throws(ServiceError) -> [ImportLogLine] {
    var lines: [ImportLogLine] = []
    var token: String?
    var tokens = TokenLoop()
    let words = outcomes.map(\.rawValue)
    let pattern = (words.count > 1 ? "?" : "") + words.joined(separator: " ?")
    repeat {
      var parameters: [JSONKey: JSONValue] = [
        "logGroupName": .string(group), "logStreamNames": .array([.string(stream)]),
        "filterPattern": .string(pattern),
      ]
      if let token { parameters["nextToken"] = .string(token) }
      let answer = try logs.call(
        "Logs_20140328.FilterLogEvents", parameters, in: pool.region, until: .after(Self.patience))
      guard case .array(let events)? = answer["events"] else { throw .malformedAnswer }
      lines += events.compactMap { $0.object?["message"]?.string }
        .compactMap { ImportLogLine($0) }.filter { outcomes.contains($0.outcome) }
      token = answer["nextToken"]?.string
      if let token, tokens.closes(with: token) { throw .malformedAnswer }
    } while token != nil && lines.count < count
    return Array(lines.prefix(count))
  }

  private func place(of job: ImportJob, in group: String?) -> String {
    let group = group ?? ImportJob.logGroup(of: pool, named: "…")
    return "the rest stands in CloudWatch Logs: group \(group), stream \(job.logStream)"
  }
}

extension AWSService {
  /// Amazon CloudWatch Logs.
  ///
  /// Source: the endpoint rule set of `logs`, as botocore has it.
  static let logs = AWSService(
    name: "logs", fipsName: "logs-fips", variableSuffix: "CLOUDWATCH_LOGS")
}

/// Why a job did not come to its end, or to none that is known.
enum ImportJobError: Error, CustomStringConvertible {
  case notMade(CognitoError, hasHashes: Bool)
  case noURL
  case notSent(ImportUploadError)
  case notStarted(CognitoError)
  case notSeen(CognitoError, id: String)
  /// - id: of a job that goes on; nil where it was not started.
  case interrupted(id: String?)

  var description: String {
    switch self {
    case .notMade(.limitExceeded(let operation), _):
      "\(CognitoError.limitExceeded(operation)): a pool keeps 1,000 import jobs"
    case .notMade(.invalidParameter(let operation, let constraint), hasHashes: true):
      "\(CognitoError.invalidParameter(operation, failed: constraint)) (not every pool takes hashes: for one that does "
        + "not there is the migration trigger, MIGRATE_USERS=on)"
    case .notMade(let error, _): error.description
    case .noURL: "Cognito named no URL to send the file to; run it again"
    case .notSent(let error): error.description
    case .notStarted(.other("PreconditionNotMetException", _)):
      "Cognito does not start the job (an account has one import at a time: is another under way? The pool must verify "
        + "e-mail addresses or phone numbers)"
    case .notStarted(let error): error.description
    case .notSeen(let error, let id): "\(error); the job \(id) goes on at Cognito"
    case .interrupted(let id?): "interrupted; the job \(id) goes on at Cognito"
    case .interrupted(nil): "interrupted; the job was not started"
    }
  }
}
