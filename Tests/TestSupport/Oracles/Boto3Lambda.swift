/// AWS's own client for Python at work on a Lambda that is served here.
public enum Boto3Lambda {
  private struct Question: Encodable {
    var url: String
    var pid: Int32
    var file: String
    var event: String
  }

  /// Plays a story to `pooltable local --timeout 2 --concurrency 1`, whose processes it stops, kills and replaces.
  ///
  /// - Parameters:
  ///   - processID: of the server.
  ///   - file: the program that it runs.
  ///   - event: a sign-in event.
  /// - Returns: what the client made of each answer, by the name of the step: each a few texts.
  public static func story(
    url: String, processID: Int32, file: String, event: String
  ) throws -> [String: [String]] {
    try CommandRun.python(script, Question(url: url, pid: processID, file: file, event: event))
  }

  private static let script = """
    \(StoppedProcess.python)
    import base64, threading
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    client = boto3.client("lambda", endpoint_url=question["url"], region_name="eu-central-1",
        aws_access_key_id="a", aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=30))
    event = question["event"].encode()
    story = {}

    def invoke(payload=event, name="pooltable", **options):
        try:
            answer = client.invoke(FunctionName=name, Payload=payload, **options)
        except ClientError as error:
            told = error.response
            return [type(error).__name__, str(told["ResponseMetadata"]["HTTPStatusCode"]), told["Error"]["Code"],
                    told["Error"].get("Message") or told.get("message", ""), told.get("Type", ""), told.get("Reason", "")]
        body = answer["Payload"].read()
        return [str(answer["StatusCode"]), "the same" if body == payload else body.decode(),
                answer.get("FunctionError", ""), answer.get("ExecutedVersion", ""),
                base64.b64decode(answer.get("LogResult", "")).decode(), answer["ResponseMetadata"]["RequestId"]]

    def children():
        return [int(pid) for pid in open(f"/proc/{question['pid']}/task/{question['pid']}/children").read().split()]

    def in_background(process, **options):
        found = []
        thread = threading.Thread(target=lambda: found.append(invoke(**options)))
        thread.start()
        wait_until_called(process)
        def wait():
            thread.join()
            return found[0]
        return wait

    story["cold"] = invoke(LogType="Tail")
    story["warm"] = invoke(LogType="Tail")
    story["one process"] = [str(len(children()))]
    story["dry run"] = invoke(InvocationType="DryRun")
    for name in ["pooltable:live", "arn:aws:lambda:eu-central-1:123456789012:function:pooltable:$LATEST"]:
        story[name] = invoke(name=name)
    story["qualifier"] = invoke(Qualifier="$LATEST")
    story["unknown"] = invoke(name="other")
    story["no JSON"] = invoke(payload=b"nonsense")
    story["not taken"] = invoke(payload=b'{"no":"event"}')
    full = event[:-1] + b" " * (6 * 1024 * 1024 - len(event)) + b"}"
    story["6 MB"] = invoke(payload=full)
    story["more"] = invoke(payload=full[:-1] + b" }")
    story["large event"] = invoke(payload=b'"' + b"a" * 1024 * 1024 + b'"', InvocationType="Event")

    process, = children()
    stop(process, question["pid"])
    waiting = in_background(process)
    story["throttled"] = invoke()
    os.kill(process, signal.SIGCONT)
    story["answered after all"] = waiting()

    stop(process, question["pid"])
    waiting = in_background(process, LogType="Tail")
    os.kill(process, signal.SIGKILL)
    story["died"] = waiting()
    story["restarted"] = invoke(LogType="Tail")

    process, = children()
    stop(process, question["pid"])
    story["late"] = invoke(LogType="Tail")
    story["after a time-out"] = invoke(LogType="Tail")

    process, = children()
    stop(process, question["pid"])
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: process not in children())
    story["after an idle death"] = invoke(LogType="Tail")

    process, = children()
    os.utime(question["file"])
    story["another file"] = invoke(LogType="Tail")
    story["other process"] = [str(process not in children())]
    os.rename(question["file"], question["file"] + ".away")
    story["no file"] = invoke(LogType="Tail")
    os.rename(question["file"] + ".away", question["file"])
    story["found again"] = invoke(LogType="Tail")

    process, = children()
    stop(process, question["pid"])
    waiting = in_background(process)
    story["queued"] = invoke(InvocationType="Event")
    os.kill(process, signal.SIGCONT)
    story["before the queue"] = waiting()
    # Last: nobody sees when it is done, and until then another call would be one too many.
    story["event"] = invoke(InvocationType="Event")
    print(json.dumps(story))
    """
}
