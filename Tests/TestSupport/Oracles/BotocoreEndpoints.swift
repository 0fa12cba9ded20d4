/// AWS's own data on where Cognito is and what it takes, as botocore has it.
public enum BotocoreEndpoints {
  public struct Endpoint: Decodable, Sendable {
    public var region: String
    public var partition: String
    public var fips: Bool
    public var dualStack: Bool
    public var url: String
  }

  /// The endpoints of `cognito-idp` in every region that botocore knows, with and without FIPS and IPv6.
  public static func all() throws -> [Endpoint] {
    try CommandRun.python(
      """
      import itertools
      from botocore.endpoint_provider import EndpointProvider
      from botocore.loaders import Loader

      loader = Loader()
      partitions = loader.load_data("partitions")
      rules = loader.load_service_model("cognito-idp", "endpoint-rule-set-1")
      provider = EndpointProvider(rules, partitions)
      known = partitions["partitions"]
      regions = {(region, partition["id"]) for partition in known for region in partition["regions"]}
      regions |= {(region, partition["partition"])
                  for partition in loader.load_data("endpoints")["partitions"]
                  for region in partition["regions"]}
      print(json.dumps([
          {"region": region, "partition": partition, "fips": fips, "dualStack": dual, "url":
              provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual).url}
          for region, partition in sorted(regions)
          # The names for "no region": no pool is there.
          if not region.endswith("-global")
          for fips, dual in itertools.product([False, True], repeat=2)]))
      """, 0)
  }

  /// What the rule set says of a URL and these wishes at once: an error's text.
  public static func refusal(ofURLWithFIPS fips: Bool, dualStack: Bool) throws -> String {
    try CommandRun.python(
      """
      from botocore.endpoint_provider import EndpointProvider
      from botocore.exceptions import EndpointProviderError
      from botocore.loaders import Loader

      loader = Loader()
      provider = EndpointProvider(
          loader.load_service_model("cognito-idp", "endpoint-rule-set-1"), loader.load_data("partitions"))
      fips, dual = question
      try:
          provider.resolve_endpoint(
              Region="eu-central-1", UseFIPS=fips, UseDualStack=dual, Endpoint="http://a")
      except EndpointProviderError as error:
          print(json.dumps(str(error)))
      """, [fips, dualStack])
  }

  /// Where botocore calls Cognito with these variables.
  public static func urls(
    region: String, environments: [[String: String]]
  ) throws -> [String] {
    try CommandRun.python(
      """
      import os
      from botocore.session import Session

      region, environments = question["region"], question["environments"]
      clean = {"PATH": os.environ["PATH"], "AWS_CONFIG_FILE": "/dev/null",
               "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}

      def url(environment):
          os.environ.clear()
          os.environ.update(clean, **environment)
          client = Session().create_client("cognito-idp", region)
          called = []
          def take(request, **kwargs):
              called.append(request.url)
              raise StopIteration
          client.meta.events.register("before-send", take)
          try:
              client.admin_get_user(UserPoolId="a_b", Username="c")
          except StopIteration:
              return called[0]

      print(json.dumps([url(environment) for environment in environments]))
      """, Question(region: region, environments: environments))
  }

  /// Which of these texts are user pool ids, by the pattern and the lengths in the model of Cognito's API.
  public static func areUserPoolIDs(_ texts: [String]) throws -> [Bool] {
    try CommandRun.python(
      """
      import re
      from botocore.loaders import Loader

      model = Loader().load_service_model("cognito-idp", "service-2")["shapes"]["UserPoolIdType"]
      print(json.dumps([
          model["min"] <= len(text) <= model["max"]
          and re.fullmatch(model["pattern"], text, re.ASCII) is not None
          for text in question]))
      """, texts)
  }

  private struct Question: Encodable {
    var region: String
    var environments: [[String: String]]
  }
}
