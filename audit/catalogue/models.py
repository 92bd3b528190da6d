"""What keeps a model from being chosen, and a sync from being saved."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_refusal = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="ml-connector",
    data="Nothing was changed.",
    who="an owner or admin",
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _refusal(
        code="models_not_listed",
        title="The models are not listed yet",
        meaning="What {name} offers was not read yet.",
        fix="Press Refresh at the connection first.",
    ),
    _refusal(
        code="model_id_unreadable",
        title="No id in this text",
        meaning="Neither a model's id nor its address stands in what was pasted.",
        fix="Copy the address of the open model from the browser, or choose it from the list.",
    ),
    _refusal(
        code="model_id_of_workspace",
        title="This is a workspace",
        meaning="The id belongs to the workspace {workspace}, not to a model.",
        fix="Choose one of its models from the list.",
    ),
    _refusal(
        code="model_unseen",
        title="This model is not among those listed",
        meaning="None of the {count} models that the connection's user sees has the id {given}.",
        fix="Press Refresh. If it stays, give the user a role in the model, or use the connection "
        "of the other tenant.",
    ),
    _refusal(
        code="model_unclear",
        title="More than one model fits",
        meaning="What was pasted fits {count} models.",
        fix="Choose the model from the list.",
    ),
    _refusal(
        code="model_name_unknown",
        title="No model has this name",
        meaning="The user of {connection} sees no model {name}.",
        fix="Compare the name with the model picker. If it is right, give the user a role in it.",
    ),
    _refusal(
        code="model_name_unclear",
        title="More than one model has this name",
        meaning="The user of {connection} sees {count} models {name}.",
        fix="Choose on the page “Point elsewhere”, which names the workspaces, or rename one.",
    ),
    _refusal(
        code="sync_there_already",
        title="The sync loads this model already",
        meaning="{name} loads {model} now.",
        fix="Choose another model.",
    ),
    _refusal(
        code="model_archived_here",
        title="The model is archived",
        meaning="{name} is archived: it can be neither read nor loaded.",
        fix="Bring it back in Anaplan, then press Refresh, or choose the model in use now.",
    ),
    _refusal(
        code="model_not_chosen",
        title="No model is chosen",
        meaning="No model is chosen at the connection {name}.",
        fix="Open the connection and choose workspace and model.",
    ),
    _refusal(
        code="connection_wrong_system",
        title="The connection leads elsewhere",
        meaning="{name} is no connection to {system}.",
        fix="Choose another connection.",
    ),
    _refusal(
        code="sync_name_taken",
        title="The name is taken",
        meaning="Another sync is called {name}.",
        fix="Choose another name.",
    ),
    _refusal(
        code="sync_without_entities",
        title="No entity is chosen",
        meaning="A sync loads at least one entity of QAD.",
        fix="Choose the entities to load.",
    ),
    _refusal(
        code="sync_action_unknown",
        title="This action is not in the model",
        meaning="The model has no {kind} {name}, or more than one, when it was last looked at.",
        fix="Choose another one, or look at the model again.",
    ),
    _refusal(
        code="sync_columns_unknown",
        title="The columns are not known yet",
        meaning="The columns of the {kind} {name} were not read.",
        fix="Press Look again. If it stays, let the model builder grant the action to the user.",
    ),
)
