"""What goes over the wire: the pydantic models from which the OpenAPI document is made."""
