import Clock

/// What `LocalFunction` serves, and how.
public struct LocalFunctionSettings: Sendable {
  /// As callers name it.
  public var function: FunctionIdentity
  /// The path of the program.
  public var executable: String
  /// Of the process; what Lambda sets itself is added where it is missing.
  public var environment: [String: String]
  /// After which an invocation is given up and its process ended.
  public var timeout: Duration
  /// How many processes there may be.
  public var concurrency: Int

  /// Each is described at its property.
  public init(
    function: FunctionIdentity, executable: String, environment: [String: String],
    timeout: Duration, concurrency: Int
  ) {
    self.function = function
    self.executable = executable
    self.environment = environment
    self.timeout = timeout
    self.concurrency = concurrency
  }

  /// In MB, as the function is told and as its log says.
  var memorySize: Int { environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap { Int($0) } ?? 128 }

  /// As Lambda and its emulator set it up.
  var processEnvironment: [String: String] {
    [
      "AWS_LAMBDA_FUNCTION_NAME": function.name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(memorySize)",
      "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(function.name)",
      "AWS_LAMBDA_LOG_STREAM_NAME": "$LATEST", "AWS_REGION": function.region,
    ].merging(environment) { $1 }
  }
}

/// What happens in a `LocalFunction`.
public enum LocalFunctionEvent: Sendable {
  /// An invocation is over.
  case finished(FinishedInvocation)
  /// A call was not an invocation.
  case refused(InvokeRefusal)
  /// A process ended while it had nothing to do: what it wrote.
  case ended(ExitStatus, log: [UInt8])
  /// So many asynchronous calls were taken, and are not run any more.
  case dropped(Int)
}

/// An invocation that is over.
public struct FinishedInvocation: Sendable {
  /// As the function and its caller know it.
  public var requestID: String
  /// As it was sent.
  public var event: [UInt8]
  /// Whether nobody waited for the answer.
  public var isAsynchronous: Bool
  /// How it ended.
  public var result: InvocationResult
  /// From the event to the answer.
  public var elapsed: Duration
  /// Whether a process was started for it.
  public var isColdStart: Bool
  /// With Lambda's own lines.
  public var log: [UInt8]

  init(
    _ invocation: PendingInvocation, result: InvocationResult, elapsed: Duration,
    isColdStart: Bool, log: [UInt8]
  ) {
    requestID = invocation.requestID
    event = invocation.request.payload
    isAsynchronous = invocation.request.type == .event
    (self.result, self.elapsed, self.isColdStart, self.log) = (result, elapsed, isColdStart, log)
  }
}
