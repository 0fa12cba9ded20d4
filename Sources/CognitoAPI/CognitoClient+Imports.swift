import Clock
import JSON

extension CognitoClient {
  /// The columns of a file that a pool imports (`GetCSVHeader`).
  ///
  /// - Throws: `malformedAnswer` where there is none.
  public func csvHeader(
    of pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [String] {
    let answer = try call(.csvHeader, [:], in: pool, until: deadline)
    guard let columns = answer["CSVHeader"]?.strings, !columns.isEmpty else {
      throw .malformedAnswer(.csvHeader)
    }
    return columns
  }

  /// Makes a job that will import a file (`CreateUserImportJob`). An attempt whose answer was lost leaves a job that is
  /// never started, and that Cognito deletes.
  ///
  /// - Parameters:
  ///   - name: for people: 1 to 128 letters, digits, blanks and `+=,.@-`.
  ///   - algorithm: of the file's hashes, as `BCRYPT`; nil where it has none.
  ///   - role: the ARN of one that lets Cognito write the job's log.
  /// - Returns: with the URL that the file is sent to, within 15 minutes.
  public func createImportJob(
    _ name: String, algorithm: String?, role: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> ImportJob {
    var parameters: [JSONKey: JSONValue] = [
      "JobName": .string(name), "CloudWatchLogsRoleArn": .string(role),
    ]
    if let algorithm { parameters["PasswordHashingAlgorithm"] = .string(algorithm) }
    return try job(.createImportJob, parameters, in: pool, until: deadline)
  }

  /// Starts a job whose file has been sent (`StartUserImportJob`). One job of an account is active at a time.
  ///
  /// - Throws: `other` with the type `PreconditionNotMetException` also where an earlier attempt has started it.
  public func startImportJob(
    _ id: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> ImportJob {
    try job(.startImportJob, ["JobId": .string(id)], in: pool, until: deadline)
  }

  /// How far a job is (`DescribeUserImportJob`).
  public func importJob(
    _ id: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> ImportJob {
    try job(.describeImportJob, ["JobId": .string(id)], in: pool, until: deadline)
  }

  private func job(
    _ operation: CognitoOperation, _ parameters: [JSONKey: JSONValue], in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) -> ImportJob {
    let answer = try call(operation, parameters, in: pool, until: deadline)
    guard let job = answer["UserImportJob"]?.object.flatMap({ ImportJob($0) }) else {
      throw .malformedAnswer(operation)
    }
    return job
  }
}

/// A job that imports users from a file.
///
/// Source: Amazon Cognito user pools API reference, `UserImportJobType`.
public struct ImportJob: Sendable, Equatable {
  /// Where a job stands. The raw value is Cognito's word for it.
  public enum Status: String, Sendable {
    case created = "Created"
    case pending = "Pending"
    case inProgress = "InProgress"
    case stopping = "Stopping"
    case stopped = "Stopped"
    case succeeded = "Succeeded"
    case failed = "Failed"
    case expired = "Expired"

    /// Whether nothing more comes of the job.
    public var isFinal: Bool {
      switch self {
      case .created, .pending, .inProgress, .stopping: false
      case .stopped, .succeeded, .failed, .expired: true
      }
    }
  }

  /// As `import-a1B2`.
  public var id: String
  public var name: String
  public var status: Status
  /// Users who are in the pool now.
  public var imported: Int
  /// Users who were in it before.
  public var skipped: Int
  /// Users whom Cognito did not take.
  public var failed: Int
  /// Cognito's words on the end, about the whole job; nil before.
  public var message: String?
  /// Where the file is sent to. Whoever has it may send one: it is not to be shown.
  public var uploadURL: String?

  /// The stream of the job's log, in the group of its pool.
  ///
  /// - Source: Amazon Cognito Developer Guide, "Viewing the user pool import results in the CloudWatch console".
  public var logStream: String { "\(id)/\(name)" }

  /// The group of the logs of a pool's jobs.
  public static func logGroup(of pool: UserPoolID, named name: String) -> String {
    "/aws/cognito/userpools/\(pool.text)/\(name)"
  }

  /// - Parameter answer: the members of `UserImportJob`. Nil where it does not say which job it is, and how it stands.
  init?(_ answer: [JSONKey: JSONValue]) {
    guard let id = answer["JobId"]?.string, let name = answer["JobName"]?.string,
      let status = answer["Status"]?.string.flatMap({ Status(rawValue: $0) })
    else { return nil }
    func count(_ key: JSONKey) -> Int {
      guard case .number(let number)? = answer[key] else { return 0 }
      return Int(number.text) ?? 0
    }
    self.id = id
    self.name = name
    self.status = status
    imported = count("ImportedUsers")
    skipped = count("SkippedUsers")
    failed = count("FailedUsers")
    message = answer["CompletionMessage"]?.string
    uploadURL = answer["PreSignedUrl"]?.string
  }
}
