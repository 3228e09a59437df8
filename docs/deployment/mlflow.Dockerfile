# The MLflow server of docs/shared_server.md, with the locked packages. Built in the folder of the project:
# docker build --file docs/deployment/mlflow.Dockerfile --tag cart-outcomes-mlflow:latest .
FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /app/.venv && /app/.venv/bin/pip install --no-cache-dir --require-hashes --no-deps --requirement requirements.lock
ENV PATH=/app/.venv/bin:$PATH MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false HOME=/tmp
USER 1034:1034
EXPOSE 5000
# The address of the database has its password, and every user of a machine can read command lines: so it is in the environment.
CMD ["sh", "-c", "MLFLOW_BACKEND_STORE_URI=postgresql+pg8000://cart:$(cat /run/secrets/mlflow_password)@mlflow-database/cart_outcomes exec mlflow server --artifacts-destination /files --serve-artifacts --host 0.0.0.0 --port 5000 --allowed-hosts \"${MLFLOW_ALLOWED_HOSTS}\""]
