"""Whether the permissions that the READMEs name are enough, and none too many: permission_journey.py STACK DATABASE_URL POOLTABLE.

Sources/CommandLine/README.md has a table, command by command, and a statement of a policy. Each command is run by a user
of IAM's who has just that, by users who lack one permission, which must be named, and by one who has none; each time
with a pool and a table of their own. README.md says what the function needs: its role gets that in place of what the
stack gave it, and then nothing.
"""

import concurrent.futures
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

import oidc
from steps import (
    cognito, confirm, database_url, expect, logs, outputs, pool, pooltable, row, session, shown, sign_in, sign_up, value,
    wait_for)

ROOT = pathlib.Path(__file__).parents[2]
COMMANDS = (ROOT / "Sources/CommandLine/README.md").read_text()
FEATURES = (ROOT / "README.md").read_text()
TEMPLATE = "permissions"

iam = session.create_client("iam")
account = session.create_client("sts").get_caller_identity()["Account"]
number = itertools.count()


def needed():
    """What each command needs, as the README's table says it."""
    section = COMMANDS.split("\n## Permissions\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z -]+)` \| (.*) \|$", section, re.M)
    (statement,) = re.findall(r"```json\n(.*?)```", section, re.S)
    return {command: re.findall(r"`(\w+)`", permissions) for command, permissions in rows}, json.loads(statement)


PERMISSIONS, STATEMENT = needed()


def policy(statement, permissions, user_pool):
    """The README's statement with other actions, as a policy for one user pool."""
    resource = statement["Resource"]
    for name, here in (("REGION", user_pool.split("_")[0]), ("ACCOUNT", account), ("POOL", user_pool)):
        resource = resource.replace(name, here)
    actions = [f"cognito-idp:{name}" for name in permissions]
    return json.dumps({
        "Version": "2012-10-17", "Statement": [statement | {"Action": actions, "Resource": resource}]})


def keys_of(permissions, user_pool):
    """The access key of a new user of IAM's who has these permissions, as the SDKs' variables."""
    name = f"operator-{next(number)}"
    iam.create_user(UserName=name)
    if permissions:
        iam.put_user_policy(
            UserName=name, PolicyName="pool", PolicyDocument=policy(STATEMENT, permissions, user_pool))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def named(name):
    """The URL of another database of the server."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(database_url)._replace(path=f"/{name}"))


def query(url, text):
    return subprocess.run(
        ["psql", "--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", url],
        input=text, capture_output=True, text=True, check=True).stdout.strip()


def run(url, *arguments, **variables):
    """A command's exit code, and all that it says."""
    done = subprocess.run(
        [pooltable, *arguments], capture_output=True, text=True,
        env=os.environ | variables | {"DATABASE_URL": url})
    return done.returncode, done.stdout + done.stderr


class Scene:
    """A pool and its table, which differ in all that a command may mend.

    Ann's role is editor, and was former: her groups say the contrary. Another that she had, lost, has no group; nor has
    new, which she has where groups are made. She lacks custom:userId. Ben is gone, where that is asked. Cas has no row.
    """

    def __init__(self, command):
        self.url = named(f"scene_{next(number)}")
        query(database_url, f"CREATE DATABASE {self.url.rsplit('/', 1)[1]} TEMPLATE {TEMPLATE}")
        self.pool = cognito.create_user_pool(PoolName="scene", Schema=[{
            "Name": "userId", "AttributeDataType": "String", "Mutable": True}])["UserPool"]["Id"]
        self.create("ann")
        if "--prune" in command:
            self.create("ben")
        if command.startswith("link"):
            provider = oidc.Provider("AcmeOIDC")
            federated = provider.connect(cognito, self.pool)
            provider.tokens(os.environ["AWS_ENDPOINT_URL"], federated, sub="ann-1", email="ann@example.com",
                            email_verified="true")
        code, said = run(self.url, "reconcile", "--user-pool-id", self.pool)
        assert code == 2, said
        if "--prune" in command:
            cognito.admin_delete_user(UserPoolId=self.pool, Username="ben")
        self.create("cas")
        for group in ("editor", "former"):
            cognito.create_group(UserPoolId=self.pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=self.pool, Username="ann", GroupName="former")
        roles = ["editor", "former", "lost"] + (["new"] if "--create-groups" in command or "--repair" in command else [])
        query(self.url, "".join(f"INSERT INTO cognito.roles (name) VALUES ('{role}');" for role in roles) + """
            INSERT INTO cognito.user_roles (user_id, role_id)
            SELECT u.id, r.id FROM cognito.users u, cognito.roles r WHERE u.username = 'ann';
            DELETE FROM cognito.user_roles USING cognito.roles r WHERE role_id = r.id AND r.name IN ('former', 'lost');""")

    def create(self, name):
        cognito.admin_create_user(UserPoolId=self.pool, Username=name, MessageAction="SUPPRESS", UserAttributes=[
            {"Name": "email", "Value": f"{name}@example.com"}, {"Name": "email_verified", "Value": "true"}])
        cognito.admin_set_user_password(
            UserPoolId=self.pool, Username=name, Password="First-Password-1", Permanent=True)

    def run(self, command, permissions):
        """As a user who has these permissions."""
        options = {
            "reconcile": ["--user-pool-id", self.pool, "--settle", "0s", "--max-prune", "100"],
            "push": [], "link": ["--all", "--providers", "AcmeOIDC"]}[command.split()[0]]
        return run(self.url, *command.split(), *options, **keys_of(permissions, self.pool))

    def row(self, name, expression):
        return query(self.url, f"SELECT {expression} FROM cognito.users WHERE username = '{name}'")

    def ann(self):
        user = cognito.admin_get_user(UserPoolId=self.pool, Username="ann")
        return {each["Name"]: each["Value"] for each in user["UserAttributes"]}

    def federated(self):
        users = cognito.list_users(UserPoolId=self.pool)["Users"]
        return [user["Username"] for user in users if user["UserStatus"] == "EXTERNAL_PROVIDER"]

    def groups(self):
        groups = cognito.admin_list_groups_for_user(UserPoolId=self.pool, Username="ann")["Groups"]
        return sorted(group["GroupName"] for group in groups)


def brought(scene):
    return scene.row("cas", "count(*)") == "1"


def given(scene):
    return scene.ann().get("custom:userId") == scene.row("ann", "id")


# Of each command its exit code, and what it has then done.
DONE = {
    "reconcile": (2, brought),
    "reconcile --prune": (2, lambda scene: scene.row("ben", "deleted_at IS NOT NULL") == "t"),
    "reconcile --write-back": (2, given),
    # Compared only, and different.
    "reconcile --roles": (3, brought),
    "reconcile --roles --repair": (2, lambda scene: scene.groups() == ["editor", "new"]),
    "push": (0, lambda scene: scene.groups() == ["editor"]),
    "push --create-groups": (0, lambda scene: scene.groups() == ["editor", "new"]),
    "push --write-back": (0, given),
    "link --delete-federated": (0, lambda scene: "ann-1" in scene.ann().get("identities", "")),
}


def trials():
    """Each command with all that it needs, with nothing, and without each that no command above it needs."""
    needed_above = {}
    for command, permissions in PERMISSIONS.items():
        yield command, "with all", permissions
        name = command.split()[0]
        if name not in needed_above:
            yield command, "with nothing", []
        above = needed_above.setdefault(name, set())
        for missing in (each for each in permissions if each not in above):
            yield command, f"without {missing}", [each for each in permissions if each != missing]
        above.update(permissions)


def fault(command, granted):
    """What is wrong with a command that is run with these permissions; None where it does all, or names what it lacks."""
    scene = Scene(command)
    code, said = scene.run(command, granted)
    exit_code, done = DONE[command]
    missing = [name for name in PERMISSIONS[command] if name not in granted]
    if missing:
        good = code in (1, 3) and any(f"cognito-idp:{name} " in said for name in missing)
        # Nobody is deleted for a link that cannot be made.
        good = good and (not command.startswith("link") or scene.federated() != [])
    else:
        good = code == exit_code and done(scene)
    return None if good else f"exit code {code}, {said}"


def commands():
    if PERMISSIONS.keys() != DONE.keys():
        sys.exit(f"NOT tried, or not in the table of permissions: {PERMISSIONS.keys() ^ DONE.keys()}")
    if STATEMENT["Action"] != [f"cognito-idp:{name}" for name in PERMISSIONS["reconcile --prune"]]:
        sys.exit(f"NOT that of 'reconcile --prune': the statement {STATEMENT}")
    for command, permissions in PERMISSIONS.items():
        _, told = run(database_url, "help", command.split()[0])
        if forgotten := [name for name in permissions if not re.search(rf"\b{name}\b", told)]:
            sys.exit(f"NOT told by 'pooltable help': that {command} needs {forgotten}")
    query(database_url, f"CREATE DATABASE {TEMPLATE}")
    code, said = run(named(TEMPLATE), "migrate")
    assert code == 0, said
    planned = list(trials())
    # Most of a trial is waiting.
    with concurrent.futures.ThreadPoolExecutor(4) as executor:
        faults = executor.map(fault, [command for command, _, _ in planned], [granted for _, _, granted in planned])
        for (command, step, _), found in zip(planned, faults):
            if found:
                sys.exit(f"NOT {command}, {step}: {found}")
            print(f"{command}, {step}", flush=True)


def named_for(variable):
    """What README.md says that the function needs for a feature."""
    (permissions,) = re.findall(rf"^\| [^|]* \| `{variable}` \| (.*) \|$", FEATURES, re.M)
    return re.findall(r"`(?:cognito-idp:)?(\w+)`", re.sub(r"`[A-Z_]+`", "", permissions))


class Role:
    """The function's: what the stack gave it for the pool can be replaced, and taken."""

    def __init__(self):
        function = session.create_client("lambda").get_function_configuration(FunctionName=outputs["FunctionArn"])
        self.name = function["Role"].split("/")[-1]

    def policies(self):
        """The names of its policies that speak of Cognito."""
        names = iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        documents = {name: iam.get_role_policy(RoleName=self.name, PolicyName=name)["PolicyDocument"] for name in names}
        return [name for name, document in documents.items() if "cognito-idp:" in json.dumps(document)]

    def take(self):
        for name in self.policies():
            iam.delete_role_policy(RoleName=self.name, PolicyName=name)

    def give(self, permissions):
        self.take()
        iam.put_role_policy(
            RoleName=self.name, PolicyName="pool", PolicyDocument=policy(STATEMENT, permissions, pool))


def person(email):
    sub = sign_up(email)
    confirm(email)
    return sub


def written_back(sub):
    return shown(sub)["attributes"].get("custom:userId")


def id_of(sub):
    return value("SELECT id FROM cognito.users WHERE user_pool_id = :'pool' AND sub = :'sub'", sub)


def complaints(permission):
    """How often the function has said that it needs it."""
    events = logs.filter_log_events(logGroupName=outputs["LogGroupName"])["events"]
    return sum(f"cognito-idp:{permission} " in event["message"] for event in events)


def push():
    """What EventBridge does on schedule."""
    event = subprocess.run([pooltable, "events", "Schedule"], capture_output=True, check=True).stdout
    session.create_client("lambda").invoke(FunctionName=outputs["FunctionArn"], Payload=event)


def groups_of(sub):
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=sub)["Groups"]
    return sorted(group["GroupName"] for group in groups)


def function():
    written, pushed = named_for("WRITE_BACK_ATTRIBUTE"), named_for("PUSH_ON_SCHEDULE")
    role = Role()
    role.give(written)
    una = person("una@example.com")
    wait_for("the function writes the row's id back", lambda: written_back(una) == id_of(una) != "", lambda: True)
    sign_in("una@example.com", "First-Password-1")
    expect("and it is in the row after the next sign-in", una, lambda: shown(una))
    role.give(pushed)
    push()
    wait_for("the function pushes roles on a schedule", lambda: groups_of(una), lambda: ["employee", "member"])
    role.take()
    vic = person("vic@example.com")
    wait_for("without the permission there is a row", lambda: row(vic) is not None, lambda: True)
    wait_for("and no id at Cognito", lambda: written_back(vic), lambda: None)
    wait_for("and the log names the permission", lambda: all(complaints(name) for name in written), lambda: True)
    push()
    wait_for("nor groups", lambda: groups_of(vic), lambda: [])
    wait_for("and the log names a permission", lambda: any(complaints(name) for name in pushed), lambda: True)


commands()
function()
