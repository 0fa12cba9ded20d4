"""AppSync's direct Lambda resolvers in batches, which MiniStack leaves out: it gives each field's function one request.

Here a batch is of one, since MiniStack resolves field after field. A batch's answers are what AppSync takes: of each
"data", or "errorMessage" and "errorType", which the client gets as they are. What the function itself fails at is
Lambda:Unhandled.
"""

import functools

from ministack.services import appsync

USED = {
    appsync: {
        "_resolve_lambda": (
            "api_id", "resolver", "data_source", "args", "field_name", "identity", "request_headers", "source", "variables"),
        "_invoke_lambda_with_event": ("data_source", "event"),
        "_AppSyncResolverError": None,
    },
}


def batched(original, api_id, resolver, data_source, args, field_name, identity, request_headers, source, variables=None):
    if not resolver.get("maxBatchSize"):
        return original(
            api_id, resolver, data_source, args, field_name, identity, request_headers, source, variables)
    try:
        (answer,) = appsync._invoke_lambda_with_event(data_source, [{
            "arguments": args, "identity": identity, "source": source or None, "prev": None, "stash": {},
            "request": {"headers": request_headers},
            "info": {"fieldName": field_name, "parentTypeName": resolver["typeName"], "variables": variables or {}}}])
    except appsync._AppSyncResolverError as error:
        raise appsync._AppSyncResolverError(str(error), "Lambda:Unhandled") from error
    if answer.get("errorMessage"):
        raise appsync._AppSyncResolverError(answer["errorMessage"], answer["errorType"])
    return answer["data"]


def batch_resolvers():
    appsync._resolve_lambda = functools.partial(batched, appsync._resolve_lambda)
